import {
  type BalanceFact,
  type BalanceSyncStore,
  createPaymentService,
  type KnownPayout,
  type KnownTransaction,
  type SyncRound,
} from "@takings/domain";
import { type EventBody, toEventRecord } from "@takings/wire";

/** A ledger in memory that is its own stream and consumer: what is published is committed a little later. */
export type MemoryLedger = {
  readonly store: { -readonly [Name in keyof BalanceSyncStore]: BalanceSyncStore[Name] };
  readonly publish: (event: EventBody) => Promise<void>;
  /** The bodies of all events that were published, in order. */
  readonly published: EventBody[];
  readonly transactions: Map<string, KnownTransaction>;
  readonly payouts: Map<string, KnownPayout>;
  /** The ids of readings in quarantine. */
  readonly quarantined: Set<string>;
  complete: { from: Date | undefined; through: Date } | undefined;
  round: SyncRound | undefined;
  readAt: Date | undefined;
  /** While it is false, nothing is committed. */
  consuming: boolean;
};

/** Creates an empty one. */
export function memoryLedger(): MemoryLedger {
  const stored = new Set<string>();
  const waiting: EventBody[] = [];
  const payments = createPaymentService();
  const commit = (): void => {
    for (const event of ledger.consuming ? waiting.splice(0) : []) {
      if (stored.has(event.id)) continue;
      stored.add(event.id);
      const { balance } = toEventRecord(
        { source: "default", body: event.body, receivedAt: new Date() },
        payments,
      );
      if (balance === undefined || !record(ledger, balance)) ledger.quarantined.add(event.id);
    }
  };
  const ledger: MemoryLedger = {
    published: [],
    transactions: new Map(),
    payouts: new Map(),
    quarantined: new Set(),
    complete: undefined,
    round: undefined,
    readAt: undefined,
    consuming: true,
    async publish(event) {
      ledger.published.push(event);
      waiting.push(event);
      setTimeout(commit, 5);
    },
    store: {
      read: async () => ({
        completeFrom: ledger.complete?.from,
        completeThrough: ledger.complete?.through,
        round: ledger.round,
        readAt: ledger.readAt,
      }),
      transactions: async (ids) => pick(ledger.transactions, ids),
      payouts: async (ids) => pick(ledger.payouts, ids),
      oldestOpenPayout: async () => undefined,
      members: async (payout) =>
        new Set([...ledger.transactions.values()].filter((one) => one.payout === payout).map(({ id }) => id)),
      missingEvents: async (ids) => new Set(ids).difference(stored),
      committedMessages: async () => BigInt(stored.size),
      async saveRound(round, readAt) {
        ledger.round = round;
        ledger.readAt = readAt;
      },
      async finish({ from, through, readAt }) {
        ledger.complete = { from, through };
        ledger.round = undefined;
        ledger.readAt = readAt;
        return through.toISOString();
      },
    },
  };
  return ledger;
}

/** Returns `false` for a reading that contradicts an earlier one. */
function record({ transactions, payouts }: MemoryLedger, fact: BalanceFact): boolean {
  if (fact.kind === "payout") {
    const members = fact.payout.members ?? payouts.get(fact.payout.id)?.members;
    payouts.set(fact.payout.id, { ...fact.payout, members });
    return true;
  }
  const { transaction } = fact;
  const known = transactions.get(transaction.id);
  if (known !== undefined && known.gross !== transaction.gross) return false;
  const payout = transaction.payout === undefined ? (known?.payout ?? null) : transaction.payout;
  transactions.set(transaction.id, { ...transaction, payout });
  return true;
}

function pick<T>(from: ReadonlyMap<string, T>, ids: readonly string[]): ReadonlyMap<string, T> {
  return new Map(
    ids.flatMap((id) => {
      const one = from.get(id);
      return one === undefined ? [] : [[id, one] as const];
    }),
  );
}
