import {
  type LedgerScope,
  type ReconciliationStore,
  type ReconcileRun,
  reconcileStages,
} from "@takings/domain";
import type { Client } from "pg";
import { z } from "zod";
import { gatherFacts } from "../ledger/gather-facts.ts";
import { openClient } from "../session/open-client.ts";
import { type ReconciliationLock, takeReconciliationLock } from "./reconciliation-lock.ts";
import { parseReconciliationRow, reconciliationColumns } from "./reconciliation-row.ts";

const gapsText = `
  select kind, object_id, payment_intent from takings.gaps
  where source = $1 and account = $2 and livemode = $3 and seen_at < $4 order by seen_at, object_id, kind`;
const gapRow = z.object({
  kind: z.enum(["payment", "refund"]),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
});

const storedText = "select event_id from takings.events where event_id = any($1) and source = $2";
const idRow = z.object({ event_id: z.string() });

const moment = z.iso.datetime().transform((text) => new Date(text));
const runColumn: z.ZodType<ReconcileRun> = z.object({
  requested: z.object({ from: moment.optional(), to: moment.optional() }),
  from: moment,
  through: moment,
  stage: z.enum([...reconcileStages, "done"]),
  cursor: z.string().optional(),
  listed: z.number(),
  published: z.number(),
  missing: z.number(),
  different: z.number(),
  firstMissing: moment.optional(),
});
const runRow = z.object({ run: runColumn.nullable().catch(null) });

const progressText = `
  insert into takings.reconciliations (source, account, livemode, run) values ($1, $2, $3, $4)
  on conflict (source, account, livemode) do update set run = excluded.run`;

const finishText = `
  insert into takings.reconciliations
    (source, account, livemode, complete_from, complete_through, missing, different, finished_at)
  values ($1, $2, $3, $4, $5, $6, $7, now())
  on conflict (source, account, livemode) do update set
    run = null, complete_from = excluded.complete_from, complete_through = excluded.complete_through,
    missing = excluded.missing, different = excluded.different, finished_at = excluded.finished_at`;

const statementTimeoutMs = 30_000;

/**
 * Runs `work` as the only reconciliation of a scope. Needs the role `takings_reconciler`.
 * @throws TakingsError `unavailable` when another process reconciles this scope.
 */
export async function withReconciliationStore<T>(
  url: string,
  scope: LedgerScope,
  work: (store: ReconciliationStore) => Promise<T>,
): Promise<T> {
  await using lock = await takeReconciliationLock(url, scope);
  const client = await openClient(url, { name: "reconcile", statementTimeoutMs });
  try {
    return await work(storeOf(client, scope, lock));
  } finally {
    await client.end();
  }
}

function storeOf(client: Client, scope: LedgerScope, lock: ReconciliationLock): ReconciliationStore {
  const key = [scope.source, scope.account ?? "", scope.livemode];
  return {
    async read() {
      const { rows } = await client.query(
        `select ${reconciliationColumns}, run from takings.reconciliations
         where (source, account, livemode) = ($1, $2, $3)`,
        key,
      );
      const [row] = rows;
      if (row === undefined) return { known: undefined, run: undefined };
      // Progress that cannot be parsed is of another version: the run starts again.
      return { known: parseReconciliationRow(row), run: runRow.parse(row).run ?? undefined };
    },
    async missingEvents(ids) {
      const { rows } = await client.query(storedText, [ids, scope.source]);
      return new Set(ids).difference(new Set(rows.map((row) => idRow.parse(row).event_id)));
    },
    async facts(objectIds) {
      const objects = [...objectIds].map((objectId) => ({ ...scope, objectId }));
      const gathered = await gatherFacts(client, objects);
      return gathered.facts.map(({ facts }) => facts);
    },
    async gaps(before) {
      const { rows } = await client.query(gapsText, [...key, before]);
      return rows.map((row) => {
        const { kind, object_id: charge, payment_intent: paymentIntent } = gapRow.parse(row);
        return { kind, charge, paymentIntent: paymentIntent ?? undefined };
      });
    },
    async saveProgress(run) {
      await lock.requireHeld();
      await client.query(progressText, [...key, JSON.stringify(run)]);
    },
    async finish(known) {
      await lock.requireHeld();
      if (known === undefined) {
        await client.query(progressText, [...key, null]);
        return;
      }
      const { completeFrom, completeThrough, missing, different } = known;
      await client.query(finishText, [...key, completeFrom, completeThrough, missing, different]);
    },
  };
}
