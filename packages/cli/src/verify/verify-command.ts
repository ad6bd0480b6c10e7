import { rulesVersion } from "@takings/domain";
import {
  type ComparedEntry,
  type ComparedPayment,
  differencesBetween,
  type Discrepancy,
  type Verification,
  withVerification,
} from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import { collectDiscrepancies } from "./discrepancies.ts";
import { type InstantRange, isWithin, parseInstantRange } from "./instant-range.ts";
import { createEventChecker } from "../stored-events/check-event.ts";
import {
  type CountedEvents,
  type OtherRules,
  createProgressLog,
  recountEvents,
} from "../stored-events/recount-events.ts";
import { storeSettings } from "../access/database.ts";

type Options = { readonly from?: string; readonly to?: string; readonly json?: true };

/** `takings verify`: exits 1 and lists every difference when the store does not add up. */
export function verifyCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("verify")
    .description("count everything again, from the raw events, and compare (DATABASE_URL: a reader will do)")
    .option("--from <instant>", "only entries that occurred at or after this RFC 3339 instant")
    .option("--to <instant>", "only entries that occurred before this RFC 3339 instant")
    .option("--json", "print the report as JSON")
    .action(async (options: Options) => {
      const range = parseInstantRange(options);
      const env = parseEnv(storeSettings, environment);
      const verifying = (store: Verification): Promise<Report> => verify(store, env.STRIPE_ACCOUNT_ID, range);
      const report = await withVerification(env.DATABASE_URL, verifying);
      say(options.json ? JSON.stringify(report) : formatReport(report));
      if (report.differences > 0) process.exitCode = 1;
    });
}

type Report = CountedEvents & {
  readonly asOf: string;
  readonly remarks: readonly string[];
  /** Entries of the range that were compared. */
  readonly entries: number;
  readonly differences: number;
  /** The first of the differences. */
  readonly discrepancies: readonly Discrepancy[];
};

/** The events against their bodies, the ledger against the events, the rollup against the ledger. */
async function verify(
  store: Verification,
  configuredAccount: string | undefined,
  range: InstantRange,
): Promise<Report> {
  const { account, remarks } = await store.platformAccount(configuredAccount);
  const found = collectDiscrepancies();
  const counted = await recountEvents(store, createEventChecker(account), found);
  const progress = createProgressLog("entries", 100_000);
  let entries = 0;
  for await (const payment of store.payments()) {
    const compared = payment.entries.filter(({ kept, recounted }) =>
      [kept?.occurred_at, recounted?.occurred_at].some((at) => at !== undefined && isWithin(range, at)),
    );
    entries += compared.length;
    progress(entries);
    for (const discrepancy of differencesOf({ ...payment, entries: compared })) found.add(discrepancy);
  }
  for (const discrepancy of await store.checkRollup()) found.add(discrepancy);
  const { listed: discrepancies, count: differences } = found;
  return { asOf: store.asOf, remarks, ...counted, entries, differences, discrepancies };
}

/** What is wrong with what is kept of a payment. */
export function differencesOf({ entries, gaps }: ComparedPayment): readonly Discrepancy[] {
  const wrong = entries.map((entry) => ({
    where: "ledger" as const,
    id: entry.id,
    detail: differenceOf(entry),
  }));
  const wrongGaps = gaps
    .filter(({ kept, recounted }) => kept !== recounted)
    .map(({ id, kept = "not there", recounted = "no gap" }) => ({
      where: "gaps" as const,
      id,
      detail: `is ${kept}, by the events ${recounted}`,
    }));
  return [...wrong.filter(({ detail }) => detail !== ""), ...wrongGaps];
}

/** What is wrong with an entry, in words; empty when nothing is. */
function differenceOf({ kept, recounted }: ComparedEntry): string {
  if (kept === undefined) return "is missing: the events make this entry";
  if (recounted === undefined) return "is there, but no event makes this entry";
  return differencesBetween(kept, recounted).join("; ");
}

function formatReport(report: Report): string {
  const { asOf, events, withoutBody, entries, differences, discrepancies, remarks } = report;
  const bodies =
    withoutBody === 0 ? "" : `, ${withoutBody} of them by what was kept when their body was removed`;
  const counted = `counted ${events} events again as of ${asOf}${bodies}, and compared ${entries} entries`;
  const agreed =
    entries === 0 && events > 0
      ? "events and rollup agree, and there was no entry to compare"
      : "events, ledger and rollup agree";
  const verdict = differences === 0 ? `${counted}: ${agreed}` : `${counted}: ${differences} difference(s)`;
  const lines = discrepancies.map(({ where, id, detail }) => `${where}: ${id} ${detail}`);
  const more = differences > lines.length ? [`and ${differences - lines.length} more`] : [];
  return [...remarks, verdict, ...lines, ...more, ...report.otherRules.map(describeOtherRules)].join("\n");
}

/** Events that older rules have read, in words. */
export function describeOtherRules({ rules, events, withoutBody }: OtherRules): string {
  const readable = events - withoutBody;
  const whole = `${events} event(s) were read by rules ${rules} (the present ones are ${rulesVersion})`;
  const lost = withoutBody === 0 ? "" : `; ${withoutBody} of them have no body and stay as they are`;
  return `${whole}${lost}${readable === 0 ? "" : `; takings rebuild reads ${readable} of them again`}`;
}
