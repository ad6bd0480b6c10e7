import { type Entry, entry } from "./entries.ts";
import { amountOf, inOrder, maxOf, type Shown, sumOf } from "./events.ts";
import { capturedOf, type ScopeView } from "./scope-view.ts";

const chargeTypes = ["charge.succeeded", "charge.captured"];

/** Rows one and two of the table, and multicapture in their place. */
export function paymentEntries(view: ScopeView): Entry[] {
  return [...intentPayments(view), ...chargePayments(view), ...multicaptures(view)];
}

/** The charges without a PaymentIntent. */
function isLone(view: ScopeView, charge: string): boolean {
  return view.charges(charge).every(({ intent }) => intent === undefined) && !view.chargeHasTransfer(charge);
}

function intentPayments(view: ScopeView): Entry[] {
  const reported = succeededIntents(view).filter(({ id }) => !view.isMulticapture(id));
  return firstOfEach(reported).map((by) =>
    entry(by, { kind: "payment", object_id: by.id, amount: receivedOf(by), payment_intent: by.id }),
  );
}

function chargePayments(view: ScopeView): Entry[] {
  const reported = view.shown.filter(
    (one) =>
      one.object === "charge" &&
      one.place === "outermost" &&
      chargeTypes.includes(one.event.type) &&
      (capturedOf(one) ?? 0n) > 0n &&
      isLone(view, one.id) &&
      !view.isMulticapture(view.paymentOfCharge(one.id)),
  );
  return firstOfEach(reported).map((by) =>
    entry(by, {
      kind: "payment",
      object_id: by.id,
      amount: capturedOf(by) ?? 0n,
      payment_intent: view.intentOfCharge(by.id),
    }),
  );
}

/** Money moves at each capture: every rise of what was captured so far is a payment. */
function multicaptures(view: ScopeView): Entry[] {
  const captured = view.shown.filter(
    (one) => one.object === "charge" && (capturedOf(one) ?? 0n) > 0n && !view.chargeHasTransfer(one.id),
  );
  const all = [
    ...captured.map((by) => ({
      event: by.event,
      by,
      payment: view.paymentOfCharge(by.id),
      amount: capturedOf(by) ?? 0n,
    })),
    ...succeededIntents(view).map((by) => ({
      event: by.event,
      by,
      payment: by.id,
      amount: receivedOf(by),
    })),
  ];
  const payments = [...new Set(all.map(({ payment }) => payment))].filter(view.isMulticapture);
  return payments.flatMap((payment) => {
    const steps = inOrder(
      all.filter((one) => one.payment === payment),
      ({ amount }) => amount,
    );
    const entries = steps.flatMap(({ by, amount }, index) => {
      const before = maxOf(steps.slice(0, index).map((step) => step.amount));
      if (amount <= before) return [];
      const intent = by.object === "payment_intent" ? by.id : view.intentOfCharge(by.id);
      const step = { object_id: payment, amount: amount - before, payment_intent: intent, keyed: true };
      return [entry(by, { kind: "payment", ...step })];
    });
    return oneOfEachKey(entries);
  });
}

/** Two rises by one event make one entry. */
function oneOfEachKey(entries: readonly Entry[]): Entry[] {
  const events = [...new Set(entries.map(({ key_event }) => key_event))];
  return events.flatMap((event) => {
    const same = entries.filter(({ key_event }) => key_event === event);
    const amount = sumOf(same.map((one) => one.amount));
    return same.slice(0, 1).map((one) => ({ ...one, amount }));
  });
}

/** A bank's late return of a paid charge without a PaymentIntent. */
export function lateReturns(view: ScopeView, payments: readonly Entry[]): Entry[] {
  const failed = view.shown.filter(
    (one) =>
      one.object === "charge" &&
      one.place === "outermost" &&
      one.event.type === "charge.failed" &&
      isLone(view, one.id),
  );
  return firstOfEach(failed).flatMap((by) => {
    const paid = payments.filter(({ object_id }) => object_id === by.id);
    const [first] = paid;
    if (first === undefined) return [];
    const amount = -sumOf(paid.map((one) => one.amount));
    const { currency, payment_intent } = first;
    const said = { object_id: by.id, amount, payment_intent: payment_intent ?? undefined };
    return [{ ...entry(by, { kind: "refund", ...said }), currency }];
  });
}

function succeededIntents(view: ScopeView): Shown[] {
  return view.shown.filter(
    (one) =>
      one.object === "payment_intent" &&
      one.place === "outermost" &&
      one.event.type === "payment_intent.succeeded" &&
      receivedOf(one) > 0n,
  );
}

function receivedOf({ body }: Shown): bigint {
  return amountOf(body, "amount_received") ?? 0n;
}

/** The deciding one of each object. */
function firstOfEach(reported: readonly Shown[]): Shown[] {
  const sorted = inOrder(reported);
  return sorted.filter((one, index) => sorted.findIndex(({ id }) => id === one.id) === index);
}
