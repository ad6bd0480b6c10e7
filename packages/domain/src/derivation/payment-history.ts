import { isReconciled } from "../reconciled-event-id.ts";
import type {
  EventFacts,
  ShownCharge,
  ShownDispute,
  ShownObject,
  ShownPaymentIntent,
  ShownRefund,
} from "./event-facts.ts";

/** An object as one event shows it. */
export type Snapshot<T extends ShownObject = ShownObject> = { readonly event: EventFacts; readonly seen: T };

/** What a set of events shows of one payment, by object, each in the order of the events. */
export type PaymentHistory = {
  /** The PaymentIntent, if any event of the payment names one. */
  readonly intent: string | undefined;
  readonly intents: readonly Snapshot<ShownPaymentIntent>[];
  readonly charges: ReadonlyMap<string, readonly Snapshot<ShownCharge>[]>;
  readonly refunds: ReadonlyMap<string, readonly Snapshot<ShownRefund>[]>;
  readonly disputes: ReadonlyMap<string, readonly Snapshot<ShownDispute>[]>;
};

/** Groups events by payment. The order and repetition of the events make no difference. */
export function groupByPayment(events: Iterable<EventFacts>): readonly PaymentHistory[] {
  const known = new Map([...events].map((event) => [event.eventId, event]));
  const shown = [...known.values()]
    .toSorted(byPrecedence)
    .flatMap((event) => event.shows.map((seen) => ({ event, seen })));
  const links = readLinks(shown);
  const payments = new Map<string, MutableHistory>();
  for (const { event, seen } of shown) {
    const { intent, charge } = linksOf(links, seen);
    const name = intent ?? charge ?? seen.id;
    const payment = payments.get(name) ?? startPayment(intent);
    payments.set(name, payment);
    if (seen.object === "payment_intent") payment.intents.push({ event, seen });
    else if (seen.object === "charge") add(payment.charges, { event, seen });
    else if (seen.object === "refund") add(payment.refunds, { event, seen });
    else add(payment.disputes, { event, seen });
  }
  return [...payments.values()];
}

type MutableHistory = {
  readonly intent: string | undefined;
  readonly intents: Snapshot<ShownPaymentIntent>[];
  readonly charges: Map<string, Snapshot<ShownCharge>[]>;
  readonly refunds: Map<string, Snapshot<ShownRefund>[]>;
  readonly disputes: Map<string, Snapshot<ShownDispute>[]>;
};

function startPayment(intent: string | undefined): MutableHistory {
  return { intent, intents: [], charges: new Map(), refunds: new Map(), disputes: new Map() };
}

function add<T extends ShownObject>(byId: Map<string, Snapshot<T>[]>, snapshot: Snapshot<T>): void {
  const snapshots = byId.get(snapshot.seen.id);
  if (snapshots === undefined) byId.set(snapshot.seen.id, [snapshot]);
  else snapshots.push(snapshot);
}

/** Which PaymentIntent and charge an object belongs to, by the first event that shows it. */
type Links = { readonly intents: Map<string, string>; readonly charges: Map<string, string> };

function readLinks(shown: readonly Snapshot[]): Links {
  const links: Links = { intents: new Map(), charges: new Map() };
  const link = (to: Map<string, string>, from?: string, target?: string): void => {
    if (from !== undefined && target !== undefined && !to.has(from)) to.set(from, target);
  };
  for (const { seen } of shown) {
    if (seen.object === "payment_intent") link(links.intents, seen.latestCharge, seen.id);
    else link(links.intents, seen.id, seen.paymentIntent);
    if (seen.object !== "refund" && seen.object !== "dispute") continue;
    link(links.charges, seen.id, seen.charge);
    link(links.intents, seen.charge, seen.paymentIntent);
  }
  return links;
}

function linksOf(
  { intents, charges }: Links,
  { object, id }: ShownObject,
): { readonly intent: string | undefined; readonly charge: string | undefined } {
  if (object === "payment_intent") return { intent: id, charge: undefined };
  const charge = object === "charge" ? id : charges.get(id);
  return { intent: intents.get(id) ?? (charge === undefined ? undefined : intents.get(charge)), charge };
}

/**
 * The precedence of events: events from Stripe before those that `takings reconcile` made, whatever their times, so that
 * a real event takes precedence whenever it arrives; then Stripe's clock, then the event id.
 */
export function byPrecedence(a: EventFacts, b: EventFacts): number {
  return byPrecedenceWithAmount({ event: a, amount: 0n }, { event: b, amount: 0n });
}

/** The order of {@link byPrecedence}, with an amount of each event compared before the ids. */
export function byPrecedenceWithAmount(
  a: { readonly event: EventFacts; readonly amount: bigint },
  b: { readonly event: EventFacts; readonly amount: bigint },
): number {
  const time =
    Number(isReconciled(a.event.eventId)) - Number(isReconciled(b.event.eventId)) ||
    a.event.created.getTime() - b.event.created.getTime();
  if (time !== 0) return time;
  if (a.amount !== b.amount) return a.amount < b.amount ? -1 : 1;
  if (a.event.eventId === b.event.eventId) return 0;
  return a.event.eventId < b.event.eventId ? -1 : 1;
}

/** Whether a refund belongs to a charge. One that never names a charge belongs to each charge of its payment. */
export function isRefundOf(payment: PaymentHistory, refund: string, charge: string): boolean {
  const named = payment.refunds.get(refund)?.find(({ seen }) => seen.charge !== undefined)?.seen.charge;
  return named === undefined ? payment.charges.has(charge) : named === charge;
}

/** Whether any event shows that a charge mirrors a transfer, so that its money belongs to another account. */
export function isFromTransfer(charge: readonly Snapshot<ShownCharge>[]): boolean {
  return charge.some(({ seen }) => seen.fromTransfer);
}

/** Whether the event is about the object that it shows, and of one of these types. */
export function isOwn({ event, seen }: Snapshot, types: readonly string[]): boolean {
  return event.objectId === seen.id && types.includes(event.type);
}
