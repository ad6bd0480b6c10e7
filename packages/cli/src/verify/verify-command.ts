import {
  type ConfiguredAccounts,
  type Discrepancy,
  type Verification,
  withVerification,
} from "@takings/postgres";
import { databaseUrl, type Environment, parseEnv } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { createProgressLog } from "../progress-log.ts";
import { databaseHelp } from "../settings/database.ts";
import { accountHelp, configuredAccounts, storeSettings } from "../settings/store.ts";
import { type CountedEvents, describeOtherRules } from "../stored-events/count-events.ts";
import { balanceDifferences } from "./balance-differences.ts";
import { differencesOf } from "./differences.ts";
import { collectDiscrepancies } from "./discrepancies.ts";
import { type InstantRange, isWithin, parseInstantRange } from "./instant-range.ts";
import { recountEvents } from "./recount-events.ts";

type Options = { readonly from?: string; readonly to?: string; readonly json?: true };

/** `takings verify`: exits with 1 and lists every difference if the stored ledger does not match the stored events. */
export function verifyCommand(environment: Environment, print: Print): Command {
  return new Command("verify")
    .description(
      "recompute the ledger, gaps, balance and rollups from the stored events, and report every difference",
    )
    .option("--from <instant>", "compare only entries that occurred at or after this RFC 3339 instant")
    .option("--to <instant>", "compare only entries that occurred before this RFC 3339 instant")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      environmentHelp({
        ...databaseHelp("with the role takings_reader"),
        STRIPE_ACCOUNT_ID: accountHelp,
      }),
    )
    .action(async (options: Options) => {
      const range = parseInstantRange(options);
      const env = parseEnv(storeSettings, environment);
      const verifying = (store: Verification): Promise<Report> =>
        verify(store, configuredAccounts(env), range);
      const report = await withVerification(databaseUrl(env), verifying);
      print(options.json ? JSON.stringify(report) : formatReport(report));
      if (report.differences > 0) process.exitCode = 1;
    });
}

type Report = CountedEvents & {
  readonly asOf: string;
  readonly remarks: readonly string[];
  /** Entries of the range that were compared. */
  readonly entries: number;
  /** Balance transactions and payouts that were compared. */
  readonly balance: number;
  readonly differences: number;
  /** The first of the differences. */
  readonly discrepancies: readonly Discrepancy[];
};

/** Compares the events with their bodies, the ledger and the balance with the events, and the rollups with both. */
async function verify(
  store: Verification,
  configured: ConfiguredAccounts,
  range: InstantRange,
): Promise<Report> {
  const { accounts, remarks } = await store.platformAccounts(configured);
  const found = collectDiscrepancies();
  const counted = await recountEvents(store, accounts, found);
  const progress = createProgressLog("entries", 100_000);
  let entries = 0;
  for await (const payment of store.payments()) {
    const compared = payment.entries.filter(({ stored, derived }) =>
      [stored?.occurred_at, derived?.occurred_at].some((at) => at !== undefined && isWithin(range, at)),
    );
    entries += compared.length;
    progress(entries);
    for (const discrepancy of differencesOf({ ...payment, entries: compared })) found.add(discrepancy);
  }
  for (const discrepancy of await store.checkRollup()) found.add(discrepancy);
  let balance = 0;
  for await (const compared of store.balance()) {
    if ("compared" in compared) balance += compared.compared;
    for (const discrepancy of balanceDifferences(compared)) found.add(discrepancy);
  }
  for (const discrepancy of await store.checkBalanceRollup()) found.add(discrepancy);
  const { listed: discrepancies, count: differences } = found;
  return { asOf: store.asOf, remarks, ...counted, entries, balance, differences, discrepancies };
}

function formatReport(report: Report): string {
  const { asOf, events, withoutBody, entries, balance, differences, discrepancies, remarks } = report;
  const bodies = withoutBody === 0 ? "" : ` (${withoutBody} without a body, by the facts that were kept)`;
  const counted = `recounted ${events} events${bodies} and compared ${entries} entries${
    balance === 0 ? "" : ` and ${balance} balance transactions and payouts`
  } as of ${asOf}`;
  const agreement =
    balance > 0
      ? "events, ledger, balance and rollups agree"
      : entries === 0 && events > 0
        ? "events and rollup agree, and there was no entry to compare"
        : "events, ledger and rollup agree";
  const verdict = differences === 0 ? `${counted}: ${agreement}` : `${counted}: ${differences} difference(s)`;
  const lines = discrepancies.map(({ where, id, detail }) => `${where}: ${id} ${detail}`);
  const more = differences > lines.length ? [`and ${differences - lines.length} more`] : [];
  return [...remarks, verdict, ...lines, ...more, ...report.otherRules.map(describeOtherRules)].join("\n");
}
