import {
  type BalanceFact,
  type BalanceTransactionFact,
  defaultSource,
  type EventRecord,
  type PayoutFact,
} from "@takings/domain";

type Stated = Partial<Pick<EventRecord, "source" | "account" | "livemode" | "receivedAt" | "payload">> & {
  /** When it was said, in seconds after a fixed time. */
  readonly second?: number;
};

const start = Date.UTC(2024, 4, 1);

/** An instant on a day of May 2024. */
export function onDay(day: number, hour = 0): Date {
  return new Date(Date.UTC(2024, 4, day, hour));
}

/** A balance transaction, by default a charge of 10.00 usd with a fee of 0.59. `net` follows from both. */
export function transactionFact(
  id: string,
  different: Partial<Omit<BalanceTransactionFact, "net">> = {},
): BalanceTransactionFact {
  const { gross, fee } = { gross: 1000n, fee: 59n, ...different };
  return {
    id,
    type: "charge",
    reportingCategory: "charge",
    currency: "usd",
    gross,
    fee,
    net: gross - fee,
    created: onDay(2),
    availableOn: onDay(4),
    status: "pending",
    balanceType: "payments",
    description: null,
    sourceId: `ch_${id}`,
    payout: undefined,
    ...different,
  };
}

/** The own transaction of a payout. */
export function ownTransaction(
  id: string,
  payout: string,
  different: Partial<Omit<BalanceTransactionFact, "net">> = {},
): BalanceTransactionFact {
  const amounts = { gross: -5000n, fee: 0n };
  const names = { type: "payout", reportingCategory: "payout", sourceId: payout };
  return transactionFact(id, { ...names, ...amounts, availableOn: onDay(2), ...different });
}

/** A payout, by default an automatic one of 50.00 usd that arrives on the fifth. */
export function payoutFact(id: string, different: Partial<PayoutFact> = {}): PayoutFact {
  return {
    id,
    amount: 5000n,
    currency: "usd",
    status: "in_transit",
    automatic: true,
    arrivalDate: onDay(5),
    created: onDay(2),
    traceId: null,
    reconciliationStatus: "in_progress",
    members: undefined,
    ...different,
  };
}

/** The event of a reading of a balance transaction. */
export function readingOf(
  eventId: string,
  transaction: BalanceTransactionFact,
  stated: Stated = {},
): EventRecord {
  return eventStating(eventId, { kind: "transaction", transaction }, "takings.balance_transaction", stated);
}

/** An event that shows a payout. */
export function payoutEvent(eventId: string, payout: PayoutFact, stated: Stated = {}): EventRecord {
  return eventStating(eventId, { kind: "payout", payout }, "payout.updated", stated);
}

function eventStating(
  eventId: string,
  balance: BalanceFact,
  type: string,
  { second = 0, ...different }: Stated,
): EventRecord {
  const created = new Date(start + second * 1_000);
  return {
    eventId,
    source: defaultSource,
    type,
    created,
    receivedAt: created,
    livemode: true,
    account: null,
    objectId: balance.kind === "payout" ? balance.payout.id : balance.transaction.id,
    paymentIntent: null,
    status: "processed",
    reason: null,
    facts: undefined,
    balance,
    payload: new TextEncoder().encode("{}"),
    ...different,
  };
}
