import { compareEvents, compareLedger } from "@takings/end-to-end/compare-records";
import { compareTotals } from "@takings/end-to-end/compare-totals";
import { differencesIn } from "@takings/end-to-end/comparisons";
import { expectedStateOf } from "@takings/end-to-end/expected-state";
import { connectedAccounts, platformAccount, type RevenueClient } from "@takings/simulator";
import type { HistoryLine } from "./history.ts";

/** What must hold under any fault; defined in docs/reliability.md. */
export type Invariant = "LOSS" | "ONCE" | "FORGE" | "PHANTOM" | "LIVE" | "BOUND" | "FAST";

export type Violation = { readonly invariant: Invariant; readonly detail: string };

/** What was sent and responded, according to the history. */
export type HistorySummary = {
  /** Genuine events that were sent, with their bodies. */
  readonly genuine: ReadonlyMap<string, string>;
  /** Ids that only forged requests had. */
  readonly forged: ReadonlySet<string>;
  /** Ids that ever got a 2xx. */
  readonly accepted: ReadonlySet<string>;
  readonly answered: readonly Extract<HistoryLine, { what: "answered" }>[];
};

/** Summarizes a history. */
export function summarizeHistory(lines: readonly HistoryLine[]): HistorySummary {
  const genuine = new Map<string, string>();
  const forged = new Set<string>();
  const accepted = new Set<string>();
  const answered: Extract<HistoryLine, { what: "answered" }>[] = [];
  for (const line of lines) {
    if (line.what === "event" && line.genuine) genuine.set(line.id, line.body);
    if (line.what === "event" && !line.genuine) forged.add(line.id);
    if (line.what !== "answered") continue;
    answered.push(line);
    if (line.status >= 200 && line.status < 300) accepted.add(line.id);
  }
  return { genuine, forged: forged.difference(genuine), accepted, answered };
}

/** How many bodies are compared at each check; `takings verify` checks the others. */
const maxPayloads = 400;

/** Violations of LOSS, FORGE, PHANTOM and ONCE, found through the HTTP interface alone. */
export async function checkStore(
  summary: HistorySummary,
  reader: RevenueClient,
  checkedPayloads: Set<string>,
): Promise<{ readonly violations: Violation[]; readonly lost: number; readonly duplicated: number }> {
  const { genuine, forged, accepted } = summary;
  const listed = (await reader.events({})).map(({ event_id }) => event_id);
  const stored = new Set(listed);
  const lost = [...accepted.difference(stored)];
  const duplicated = listed.length - stored.size;
  const acceptedForgeries = [...forged.intersection(stored), ...forged.intersection(accepted)];
  const unknown = [...stored.difference(new Set(genuine.keys())).difference(forged)];
  const unchecked = [...stored.difference(checkedPayloads)].slice(0, maxPayloads);
  const altered = await alteredPayloads(reader, genuine, unchecked);
  for (const id of unchecked) checkedPayloads.add(id);
  const counted = await checkCounting(genuine, stored, reader);
  return {
    lost: lost.length,
    duplicated,
    violations: [
      ...some("LOSS", lost, "answered 2xx but not stored"),
      ...some("PHANTOM", acceptedForgeries, "must be refused, but stored or answered 2xx"),
      ...some("FORGE", unknown, "stored but never sent"),
      ...some("FORGE", altered, "stored with a body that differs from the one sent"),
      ...(counted === "" ? [] : [{ invariant: "ONCE" as const, detail: counted }]),
    ],
  };
}

/** Requests whose response took longer than the limit. */
export function checkSpeed(summary: HistorySummary, fromLine: number, withinMs: number): Violation[] {
  const slow = summary.answered.slice(fromLine).filter(({ ms }) => ms > withinMs);
  return some(
    "FAST",
    slow.map(({ id, status, ms, error }) => `${id} (${error ?? status} after ${ms} ms)`),
    `answered after more than ${withinMs} ms`,
  );
}

/** Events that never got a 2xx, although the fault is over. */
export function stuck(ids: readonly string[]): Violation[] {
  return some("LIVE", ids, "never answered 2xx");
}

/** Compares the ledger and its totals with an independent interpretation of the stored bodies. */
async function checkCounting(
  genuine: ReadonlyMap<string, string>,
  stored: ReadonlySet<string>,
  reader: RevenueClient,
): Promise<string> {
  const bodies = [...genuine].flatMap(([id, body]) => (stored.has(id) ? [body] : []));
  const expectedState = expectedStateOf(bodies, platformAccount);
  return differencesIn([
    ...(await compareLedger(reader, expectedState)),
    ...(await compareEvents(reader, expectedState)),
    await compareTotals(reader, expectedState, connectedAccounts),
  ]);
}

async function alteredPayloads(
  reader: RevenueClient,
  genuine: ReadonlyMap<string, string>,
  ids: readonly string[],
): Promise<string[]> {
  const altered: string[] = [];
  for (const id of ids) {
    const sent = genuine.get(id);
    if (sent !== undefined && (await reader.event(id)).payload !== sent) altered.push(id);
  }
  return altered;
}

function some(invariant: Invariant, ids: readonly string[], what: string): Violation[] {
  if (ids.length === 0) return [];
  const examples = ids.slice(0, 3).join(", ");
  return [{ invariant, detail: `${ids.length} ${what}, e.g. ${examples}` }];
}
