import { setTimeout as delay } from "node:timers/promises";
import { type BalanceSyncStore, type LedgerScope, type Moment, TakingsError } from "@takings/domain";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { openClient } from "../session/open-client.ts";
import { type Query, serialQueries } from "../session/serial-queries.ts";
import { type SyncLock, takeSyncLock } from "./sync-lock.ts";
import {
  knownPayoutColumns,
  knownTransactionColumns,
  parseKnownPayout,
  parseKnownTransaction,
  parseSyncState,
} from "./sync-rows.ts";

const stateText = `
  select complete_from, complete_through, round, read_at from takings.balance_syncs
  where source = $1 and account = $2 and livemode = $3`;
// Each by its id, whatever the statistics say: those of a table that a first load is filling are of when it was empty, and
// any index of the account then looks as good as the key. `offset 0` keeps the planner from using one.
const transactionsText = byIdText("balance_transactions", knownTransactionColumns);
const payoutsText = byIdText("payouts", knownPayoutColumns);
const membersText = `
  select id from (
    select id, account, livemode from takings.balance_transactions where payout = $4 and source = $1 offset 0
  ) as member
  where account = $2 and livemode = $3`;
const missingText = `
  select wanted.id from unnest($2::text[]) as wanted (id)
  where not exists (select from takings.events where event_id = wanted.id and source = $1 offset 0)`;
const committedText = `
  select coalesce(sum(upper(part) - lower(part)), 0)::text as messages
  from takings.committed_sequences, unnest(sequences) as part`;

// Stripe may change it: it is on its way, or has just arrived. Its members may not be known: they are not read, or it may
// still be reconciled.
const oldestOpenText = `
  select min(created) as created from takings.payouts
  where source = $1 and account = $2 and livemode = $3 and (
    status in ('pending', 'in_transit') or arrival_date >= $4
    or automatic and reconciliation_status = 'completed' and members is null
    or automatic and status = 'paid' and coalesce(reconciliation_status, '') not in ('completed', 'not_applicable')
  )`;

const beginText = `
  insert into takings.balance_syncs (source, account, livemode)
  select * from unnest($1::text[], $2::text[], $3::boolean[])
  on conflict (source, account, livemode) do nothing`;
const saveText = `
  insert into takings.balance_syncs (source, account, livemode, round, read_at) values ($1, $2, $3, $4, $5)
  on conflict (source, account, livemode) do update set round = excluded.round, read_at = excluded.read_at`;
const finishText = `
  update takings.balance_syncs set
    complete_from = $4, complete_through = $5, complete_recorded_at = $6, round = null, read_at = $7
  where source = $1 and account = $2 and livemode = $3`;
const recordingText = `
  select ${momentText("latest")} as latest, safe_read_time >= coalesce($1::timestamptz, latest) and is_replicated as is_shown
  from takings.recording_state()`;

const idRow = z.object({ id: z.string() });
const committedRow = z.object({ messages: z.string().transform(BigInt) });
const openRow = z.object({ created: z.date().nullable() });
const recordingRow = z.object({ latest: z.string(), is_shown: z.boolean() });

const statementTimeoutMs = 30_000;
const pollIntervalMs = 50;
/** A recording that takes longer is stuck, and readers are refused. */
const maxRecordingMs = 60_000;

/**
 * Runs `work` as the only sync of some scopes, with a store for each. Needs the role `takings_reconciler`, and two
 * connections.
 * @throws TakingsError `unavailable` when another process syncs one of the scopes, or the database is away.
 */
export async function withBalanceSyncStores<T>(
  url: string,
  scopes: readonly LedgerScope[],
  work: (storeOf: (scope: LedgerScope) => BalanceSyncStore) => Promise<T>,
): Promise<T> {
  await using lock = await takeSyncLock(url, scopes);
  const client = await openClient(url, { name: "balance-sync", statementTimeoutMs });
  const query = serialQueries(client);
  try {
    // Before Stripe is asked, so that what is complete for all accounts does not leave out one that Stripe refuses.
    await query("the state of the sync", beginText, [
      scopes.map(({ source }) => source),
      scopes.map(({ account }) => account ?? ""),
      scopes.map(({ livemode }) => livemode),
    ]);
    return await work((scope) => storeOf(query, scope, lock));
  } finally {
    await client.end();
  }
}

function storeOf(query: Query, scope: LedgerScope, lock: SyncLock): BalanceSyncStore {
  const key = [scope.source, scope.account ?? "", scope.livemode];
  return {
    async read() {
      const [row] = await query("the state of the sync", stateText, key);
      return parseSyncState(row);
    },
    async transactions(ids) {
      const rows = await query("balance transactions", transactionsText, [...key, ids]);
      return byId(rows.map(parseKnownTransaction));
    },
    async payouts(ids) {
      return byId((await query("payouts", payoutsText, [...key, ids])).map(parseKnownPayout));
    },
    async oldestOpenPayout(unsettledSince) {
      const [row] = await query("open payouts", oldestOpenText, [...key, unsettledSince]);
      return openRow.parse(row).created ?? undefined;
    },
    async members(payout) {
      const rows = await query("members of a payout", membersText, [...key, payout]);
      return new Set(rows.map((row) => idRow.parse(row).id));
    },
    async missingEvents(ids) {
      const rows = await query("stored readings", missingText, [scope.source, ids]);
      return new Set(rows.map((row) => idRow.parse(row).id));
    },
    async committedMessages() {
      const [row] = await query("committed messages", committedText, []);
      return committedRow.parse(row).messages;
    },
    async saveRound(round, readAt) {
      await lock.requireHeld();
      await query("the state of the sync", saveText, [...key, JSON.stringify(round), readAt]);
    },
    async finish({ from, through, readAt }) {
      const recordedAt = await waitUntilShown(query);
      await lock.requireHeld();
      await query("the state of the sync", finishText, [...key, from, through, recordedAt, readAt]);
      return recordedAt;
    },
  };
}

function byIdText(table: string, columns: string): string {
  return `
  select known.* from unnest($4::text[]) as wanted (id)
  cross join lateral (
    select ${columns}, source, account, livemode from takings.${table} as stored where stored.id = wanted.id offset 0
  ) as known
  where source = $1 and account = $2 and livemode = $3`;
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

/** Resolves with the latest recorded time that is committed now, once answers are as of that time or later. */
async function waitUntilShown(query: Query): Promise<Moment> {
  const deadline = performance.now() + maxRecordingMs;
  for (let latest: Moment | undefined; ; ) {
    const [row] = await query("the recorded time", recordingText, [latest]);
    const state = recordingRow.parse(row);
    latest ??= state.latest;
    if (state.is_shown) return latest;
    if (performance.now() > deadline) {
      throw new TakingsError(
        "unavailable",
        "everything is stored, but answers do not show it yet, because a recording is in progress for a minute: see " +
          "the runbook TakingsRecordingStuck",
      );
    }
    await delay(pollIntervalMs);
  }
}
