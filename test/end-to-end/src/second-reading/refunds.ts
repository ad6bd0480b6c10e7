import { type Entry, entry } from "./entries.ts";
import { amountOf, inOrder, mostOf, part, type Shown } from "./events.ts";
import { capturedOf, hasSucceeded, type Reading } from "./reading.ts";

/** A refund that the events of the table name, ours or not. */
export type KnownRefund = {
  readonly id: string;
  readonly amount: bigint;
  readonly created: number;
  /** The event that decides its entry, and the one that decides its reversal's. */
  readonly told: Shown;
  readonly returned: Shown | undefined;
  /** When it had failed or been canceled at the latest. */
  readonly failedAt: number;
  readonly charges: readonly string[];
  readonly intent: string | undefined;
};

const refundTypes = ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"];

export function knownRefunds(reading: Reading): KnownRefund[] {
  return refundsTold(reading, reading.shown.filter(isInTable));
}

/** Those too that only an event of another type shows. */
function shownRefunds(reading: Reading): KnownRefund[] {
  return refundsTold(
    reading,
    reading.shown.filter(({ object }) => object === "refund"),
  );
}

function refundsTold(reading: Reading, telling: readonly Shown[]): KnownRefund[] {
  const told = inOrder(telling);
  const ids = [...new Set(told.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const mine = told.filter((one) => one.id === id);
    const [first] = mine;
    if (first === undefined) return [];
    const everywhere = reading.refunds(id);
    const charges = [...new Set(everywhere.flatMap(({ charge }) => charge ?? []))];
    const own = everywhere.find(({ intent }) => intent !== undefined)?.intent;
    const intent = own ?? charges.map(reading.intentOfCharge).find((one) => one !== undefined);
    return [
      {
        id,
        amount: amountOf(first.body, "amount") ?? 0n,
        created: Number(first.body["created"]),
        told: first,
        returned: mine.find(hasFailed),
        failedAt: everywhere.find(hasFailed)?.event.created ?? Number.POSITIVE_INFINITY,
        charges: charges.length > 0 || intent === undefined ? charges : reading.chargesOfPayment(intent),
        intent,
      },
    ];
  });
}

function isInTable({ object, event, place, body }: Shown): boolean {
  if (object !== "refund" || (amountOf(body, "amount") ?? 0n) === 0n) return false;
  if (event.type === "charge.refunded") return place === "listed refund of the outermost charge";
  return place === "outermost" && refundTypes.includes(event.type);
}

function hasFailed({ body }: Shown): boolean {
  return body["status"] === "failed" || body["status"] === "canceled";
}

export function refundEntries(reading: Reading, known: readonly KnownRefund[]): Entry[] {
  const real = known.filter(
    (refund) =>
      !isTransferMirror(reading, refund) && !isCashPaidOut(reading, refund) && !isReleased(reading, refund),
  );
  return real.flatMap(({ id, told, returned, created, intent }) => {
    const said = { object_id: id, payment_intent: told.intent ?? intent };
    const amount = amountOf(told.body, "amount") ?? 0n;
    const taken = entry(told, { kind: "refund", ...said, amount: -amount, occurred_at: created });
    if (returned === undefined) return [taken];
    const back = {
      object_id: id,
      payment_intent: returned.intent ?? intent,
      amount: amountOf(returned.body, "amount") ?? 0n,
    };
    return [taken, entry(returned, { kind: "refund_reversal", ...back })];
  });
}

function isTransferMirror(reading: Reading, { id, charges }: KnownRefund): boolean {
  const isSet = reading.refunds(id).some(({ body }) => (body["source_transfer_reversal"] ?? null) !== null);
  return isSet || charges.some(reading.chargeHasTransfer);
}

function isCashPaidOut(reading: Reading, { id }: KnownRefund): boolean {
  return reading
    .refunds(id)
    .some(
      ({ body }) =>
        body["charge"] === null &&
        body["payment_intent"] === null &&
        part(body, "destination_details")["type"] !== "card",
    );
}

export function isReleased(reading: Reading, refund: KnownRefund): boolean {
  const { id, charges, intent } = refund;
  const expired = reading.refunds(id).some(({ body }) => body["reason"] === "expired_uncaptured_charge");
  const neverCaptured = charges
    .flatMap(reading.charges)
    .some(({ body }) => body["captured"] === false && (amountOf(body, "amount_refunded") ?? 0n) > 0n);
  const canceled =
    intent !== undefined &&
    reading
      .intents(intent)
      .some(({ body }) => body["status"] === "canceled" && amountOf(body, "amount_received") === 0n);
  return expired || neverCaptured || canceled || leftByPartialCapture(reading, refund);
}

/** Whether it is the refund of what a partial capture left behind. */
function leftByPartialCapture(reading: Reading, refund: KnownRefund): boolean {
  const payment = paymentOf(reading, refund);
  const rest = payment === undefined ? undefined : restOf(reading, payment);
  if (rest === undefined) return false;
  const [first] = shownRefunds(reading)
    .filter(
      (one) =>
        paymentOf(reading, one) === payment &&
        one.amount === rest.amount &&
        one.created <= rest.until &&
        reading.refunds(one.id).every(({ body }) => (body["reason"] ?? null) === null),
    )
    .toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  return first?.id === refund.id;
}

export function paymentOf(reading: Reading, { charges, intent }: KnownRefund): string | undefined {
  const [charge] = charges;
  return intent ?? (charge === undefined ? undefined : reading.paymentOfCharge(charge));
}

/** What a partial capture left: how much, and until when a release of it can have been made. */
export function restOf(
  reading: Reading,
  payment: string,
): { readonly amount: bigint; readonly until: number } | undefined {
  if (reading.isMulticapture(payment)) return undefined;
  const charges = reading.chargesOfPayment(payment).flatMap(reading.charges);
  const intents = reading.intents(payment).filter(hasSucceeded);
  const statements = inOrder([
    ...charges.map((by) => ({
      event: by.event,
      captured: capturedOf(by),
      amount: amountOf(by.body, "amount"),
    })),
    ...intents.map((by) => ({
      event: by.event,
      captured: amountOf(by.body, "amount_received"),
      amount: amountOf(by.body, "amount"),
    })),
  ]).flatMap(({ event, captured = 0n, amount }) =>
    captured > 0n && amount !== undefined ? [{ event, captured, amount }] : [],
  );
  const most = mostOf(statements.map(({ captured }) => captured));
  const last = statements.findLast(({ captured }) => captured === most);
  const [start] = inOrder([...charges.filter((by) => by.body["captured"] === true), ...intents]);
  if (last === undefined || start === undefined || last.amount <= last.captured) return undefined;
  return { amount: last.amount - last.captured, until: start.event.created + 60 };
}
