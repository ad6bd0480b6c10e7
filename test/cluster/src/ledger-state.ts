import {
  difference,
  generateShopTraffic,
  mismatches,
  type ShopTraffic,
  type Totals,
  totalsOf,
} from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { clusterPollMs, clusterTimeoutMs } from "./cluster.ts";
import type { Installation } from "./installation.ts";

/** Events with unique ids, and the totals that they must come to. */
export function trafficOf(run: string, events: number): ShopTraffic {
  // Ids are new in every run of the tests, amounts are not.
  const unique = `${run}${Date.now().toString(36)}`;
  return generateShopTraffic({ events, seed: 7, run: unique, now: Math.floor(Date.now() / 1_000) });
}

/** The totals that revenue-query returns, and the number of events in the database. */
export type LedgerState = { readonly totals: Totals; readonly events: number };

/** Reads both, the totals first. */
export async function readLedgerState(installation: Installation): Promise<LedgerState> {
  const revenue = await installation.client.get(
    "http://takings-revenue-query:8081/v1/revenue?livemode=false",
  );
  const events = Number(await sql(installation, "select count(*) from takings.events"));
  return { totals: totalsOf(JSON.parse(revenue)), events };
}

/** Runs SQL in the stack's PostgreSQL, as its superuser. */
async function sql({ cluster }: Installation, text: string, timeoutMs?: number): Promise<string> {
  const psql = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d takings -qAtc "$1"';
  const args = ["exec", "takings-postgres-0", "--", "sh", "-c", psql, "psql", text];
  return cluster.kubectl(args, { timeoutMs });
}

const lockHolder = "e2e-lock-holder";
const locked = `select count(*) from pg_locks join pg_stat_activity using (pid)
  where application_name = '${lockHolder}' and mode = 'ExclusiveLock' and granted and relation = 'takings.events'::regclass`;

/** Blocks writes to the table of events, as maintenance of a database does, until the returned function is called. */
export async function blockWrites(installation: Installation): Promise<() => Promise<void>> {
  const lock = "lock table takings.events in exclusive mode";
  // The session is terminated below, so it normally fails. The sleep ends it if the test run is killed.
  const held = sql(
    installation,
    `set application_name = '${lockHolder}'; begin; ${lock}; select pg_sleep(900)`,
    950_000,
  ).catch(() => undefined);
  const isLocked = async (): Promise<boolean> => (await sql(installation, locked)) === "1\n";
  await eventually("the lock", isLocked, clusterTimeoutMs, clusterPollMs);
  return async () => {
    const holders = `from pg_stat_activity where application_name = '${lockHolder}'`;
    await sql(installation, `select pg_terminate_backend(pid) ${holders}`);
    await held;
  };
}

/**
 * Waits until the totals have grown since `before` by exactly those of the traffic, and the events by exactly its number.
 * Events without money may come last: what a deleted consumer held is redelivered after its ack wait.
 */
export async function untilCounted(
  installation: Installation,
  before: LedgerState,
  { events, expected }: ShopTraffic,
): Promise<void> {
  const isExact = async (): Promise<boolean> => {
    const now = await readLedgerState(installation);
    const wrong = mismatches(difference(now.totals, before.totals), expected);
    const added = now.events - before.events;
    if (wrong.length > 0 || added !== events.length)
      throw new Error(`${added} of ${events.length} events; totals differ in: ${wrong.join(", ") || "none"}`);
    return true;
  };
  await eventually("the exact totals and number of events", isExact, clusterTimeoutMs, clusterPollMs);
}
