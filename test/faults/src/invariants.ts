import { compareEvents, compareLedger } from "@takings/end-to-end/compare-records";
import { compareTotals } from "@takings/end-to-end/compare-totals";
import { differencesIn } from "@takings/end-to-end/comparisons";
import { expectedStateOf } from "@takings/end-to-end/expected-state";
import { connectedAccounts, platformAccount, type RevenueClient } from "@takings/simulator";
import type { HistoryLine } from "./history.ts";

/** What must hold whatever happens; docs/reliability.md says what each means. */
export type Invariant = "LOSS" | "ONCE" | "FORGE" | "PHANTOM" | "LIVE" | "BOUND" | "FAST";

export type Violation = { readonly invariant: Invariant; readonly detail: string };

/** What the history says was done. */
export type HistorySummary = {
  /** Genuine events that were sent, with their bodies. */
  readonly genuine: ReadonlyMap<string, string>;
  /** Ids under which only false things were sent. */
  readonly forged: ReadonlySet<string>;
  /** Ids that ever got a 2xx. */
  readonly accepted: ReadonlySet<string>;
  readonly answered: readonly Extract<HistoryLine, { what: "answered" }>[];
};

/** Sums up a history. */
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

/** How many bodies are compared at each check; those of the others are in the store's own `verify`. */
const maxPayloads = 400;

/** What of LOSS, FORGE, PHANTOM and ONCE the installation violates, read through its interface alone. */
export async function checkStore(
  summary: HistorySummary,
  reader: RevenueClient,
  checkedPayloads: Set<string>,
): Promise<{ readonly violations: Violation[]; readonly lost: number; readonly doubled: number }> {
  const { genuine, forged, accepted } = summary;
  const listed = (await reader.events({})).map(({ event_id }) => event_id);
  const stored = new Set(listed);
  const lost = [...accepted.difference(stored)];
  const doubled = listed.length - stored.size;
  const believed = [...forged.intersection(stored), ...forged.intersection(accepted)];
  const unknown = [...stored.difference(new Set(genuine.keys())).difference(forged)];
  const unchecked = [...stored.difference(checkedPayloads)].slice(0, maxPayloads);
  const altered = await alteredPayloads(reader, genuine, unchecked);
  for (const id of unchecked) checkedPayloads.add(id);
  const counted = await checkCounting(genuine, stored, reader);
  return {
    lost: lost.length,
    doubled,
    violations: [
      ...some("LOSS", lost, "answered 2xx and not stored"),
      ...some("PHANTOM", believed, "refusable and yet stored or answered 2xx"),
      ...some("FORGE", unknown, "stored and never sent"),
      ...some("FORGE", altered, "stored with another body than was sent"),
      ...(counted === "" ? [] : [{ invariant: "ONCE" as const, detail: counted }]),
    ],
  };
}

/** Requests whose answer took longer than they may. */
export function checkSpeed(summary: HistorySummary, fromLine: number, withinMs: number): Violation[] {
  const slow = summary.answered.slice(fromLine).filter(({ ms }) => ms > withinMs);
  return some(
    "FAST",
    slow.map(({ id, status, ms, error }) => `${id} (${error ?? status} after ${ms} ms)`),
    `answered later than after ${withinMs} ms`,
  );
}

/** Events that were sent and never got a 2xx, although everything is well again. */
export function stuck(ids: readonly string[]): Violation[] {
  return some("LIVE", ids, "never answered 2xx");
}

/** The ledger and its totals against an independent reading of the bodies of what is stored. */
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
  return [{ invariant, detail: `${ids.length} ${what}, among them ${examples}` }];
}
