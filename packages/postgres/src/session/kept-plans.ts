import type { ClientBase, QueryResult } from "pg";
import { answerQuery, type QueryCallback, type Statement } from "./replaced-query.ts";

const keep = "set plan_cache_mode = force_generic_plan";
const keepNew = `discard plans; ${keep}`;
const replan = "set plan_cache_mode = auto";
/** A plan made when a table was empty reads all of it, and stays until the table is analyzed, which may take minutes. */
const maxAgeMs = 10_000;

/**
 * Makes a client plan each named statement once. By itself PostgreSQL plans one anew for each execution as long as it
 * expects that to pay, and it counts the time that planning takes much too low: for a sum of the ledger or a balance that is
 * two thirds of the whole. So a statement may be named only where its plan does not depend on its values. Others are planned
 * with their values, as ever. Plans are made anew after ten seconds, because tables grow.
 * @param now a clock in milliseconds
 */
export function keepPlansOfNamed(client: ClientBase, now: () => number = () => performance.now()): void {
  const send = client.query.bind(client) as (
    given: Statement | string,
    values?: unknown[] | QueryCallback,
    callback?: QueryCallback,
  ) => Promise<QueryResult>;
  let mode: string | undefined;
  let plannedAt = -Infinity;
  /** What must be set before a statement. */
  const settingFor = (wanted: string | undefined): string | undefined => {
    if (wanted === undefined) return undefined;
    const isOld = wanted === keep && now() - plannedAt > maxAgeMs;
    if (isOld) plannedAt = now();
    const setting = isOld ? keepNew : wanted === mode ? undefined : wanted;
    mode = wanted;
    return setting;
  };
  const query = (
    given: Statement | string,
    values?: unknown[] | QueryCallback,
    callback?: QueryCallback,
  ): Promise<QueryResult> | undefined => {
    // A rollback undoes what was set since the transaction began.
    if (isRollback(given)) mode = undefined;
    const setting = settingFor(modeFor(given, values));
    if (setting === undefined) return send(given, values, callback);
    const result = send(setting)
      // In a failed transaction it is refused, as the statement itself will be.
      .catch(() => (mode = undefined))
      .then(() => (Array.isArray(values) ? send(given, values) : send(given)));
    return answerQuery(result, values, callback);
  };
  client.query = query as ClientBase["query"];
}

/** The mode that matters to a statement; none to one without values. */
function modeFor(given: Statement | string, values: unknown): string | undefined {
  if (typeof given !== "string" && given.name !== undefined) return keep;
  const hasValues = Array.isArray(values) || (typeof given !== "string" && given.values !== undefined);
  return hasValues ? replan : undefined;
}

function isRollback(given: Statement | string): boolean {
  return /^rollback\b/.test(typeof given === "string" ? given : given.text);
}
