import {
  difference,
  generateShopTraffic,
  mismatches,
  type ShopTraffic,
  type Totals,
  totalsOf,
} from "@takings/simulator";
import { waitFor } from "./cluster.ts";
import type { Installation } from "./installation.ts";

/** Events with unique ids, and the totals that they must come to. */
export function trafficOf(run: string, events: number): ShopTraffic {
  // Ids are new in every run of the tests, amounts are not.
  const unique = `${run}${Date.now().toString(36)}`;
  return generateShopTraffic({ events, seed: 7, run: unique, now: Math.floor(Date.now() / 1_000) });
}

/** The totals of revenue-query. */
export async function readTotals({ client }: Installation): Promise<Totals> {
  return totalsOf(
    JSON.parse(await client.ask("http://takings-revenue-query:8081/v1/revenue?livemode=false")),
  );
}

/** How many events the database holds. */
export async function countEvents(installation: Installation): Promise<number> {
  return Number(await sql(installation, "select count(*) from takings.events"));
}

/** Runs SQL in the stack's PostgreSQL, as its superuser. */
async function sql({ cluster }: Installation, text: string, timeoutMs?: number): Promise<string> {
  const psql = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U postgres -d takings -qAtc "$1"';
  const args = ["exec", "takings-postgres-0", "--", "sh", "-c", psql, "psql", text];
  return cluster.kubectl(args, { timeoutMs });
}

const lockHolder = "e2e-lockHolder";
const locked = `select count(*) from pg_locks join pg_stat_activity using (pid)
  where application_name = '${lockHolder}' and mode = 'ExclusiveLock' and granted and relation = 'takings.events'::regclass`;

/**
 * Lets nobody write events, as a database in the middle of maintenance, until the function that it resolves to is
 * called.
 */
export async function blockWrites(installation: Installation): Promise<() => Promise<void>> {
  const lock = "lock table takings.events in exclusive mode";
  // Ended from outside, so that it fails is how it ends well; the time is for the case that nobody comes to end it.
  const held = sql(
    installation,
    `set application_name = '${lockHolder}'; begin; ${lock}; select pg_sleep(900)`,
    950_000,
  ).catch(() => undefined);
  await waitFor("the lock", async () => (await sql(installation, locked)) === "1\n");
  return async () => {
    const holders = `from pg_stat_activity where application_name = '${lockHolder}'`;
    await sql(installation, `select pg_terminate_backend(pid) ${holders}`);
    await held;
  };
}

/** Waits until exactly this is on the books on top of what was there. */
export async function untilCounted(
  installation: Installation,
  before: Totals,
  expected: Totals,
): Promise<void> {
  await waitFor("the exact totals", async () => {
    const wrong = mismatches(difference(await readTotals(installation), before), expected);
    return wrong.length === 0 || `not as expected: ${wrong.join(", ")}`;
  });
}
