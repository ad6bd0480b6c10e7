import { defaultSource } from "@takings/domain";
import { createTieOutReader, type TieOutReader, type TieOutScope } from "@takings/postgres";
import { accountId, databaseUrl, type Environment, flag, parseEnv } from "@takings/runtime";
import { Command, Option } from "commander";
import type { Print } from "../command.ts";
import { withPool } from "../connections/database.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { databaseHelp, databaseSettings } from "../settings/database.ts";
import { FileFault } from "./file-fault.ts";
import { reportNames } from "./report.ts";
import type { TieOutRequest } from "./request.ts";
import { createTieOutProgress } from "./tie-out-progress.ts";
import {
  accountOption,
  currencyOption,
  livemodeOption,
  oneSourceOption,
  readRange,
  timeZoneOption,
  type TieOutOptions,
} from "./tie-out-options.ts";
import { type FileOutcome, formatTieOut, tieOutAsJson } from "./tie-out-report.ts";
import { tieOutFile } from "./tie-out-file.ts";

const settings = databaseSettings.extend({
  STRIPE_ACCOUNT_ID: accountId().optional(),
  DEFAULT_LIVEMODE: flag().default(true),
});

/** Sums over the whole ledger may take a while. */
const statementTimeoutMs = 300_000;
/** A file differs from the ledger. */
const differencesExitCode = 2;

const help = environmentHelp({
  ...databaseHelp("with the role takings_reader"),
  STRIPE_ACCOUNT_ID: "the platform's own account id, as --account may name it",
  DEFAULT_LIVEMODE: "the mode without --livemode",
});

/** `takings tie-out`: compares reports that were exported from Stripe with the ledger. */
export function tieOutCommand(environment: Environment, print: Print): Command {
  return new Command("tie-out")
    .description(
      "compare reports exported from Stripe as CSV with the ledger, row by row. Exits with 0 if all are equal, 2 if " +
        "something differs, 1 if a file cannot be compared",
    )
    .summary("compare reports exported from Stripe with the ledger")
    .argument("<file...>", "CSV files")
    .option("--from <time>", "start of the report, a date or an RFC 3339 instant (default: its first row)")
    .option("--to <time>", "end of the report, exclusive (default: after its last row)")
    .option("--timezone <name>", "time zone of the report and of dates", timeZoneOption, "UTC")
    .option("--account <acct>", "a connected account, or * for all (default: the platform)", accountOption)
    .addOption(livemodeOption())
    .option("--source <name>", "the source whose ledger is meant", oneSourceOption, defaultSource)
    .option("--currency <code>", "the report was exported for this currency only", currencyOption)
    .option("--reporting-category <name>", "the report was exported for this category only")
    .addOption(
      new Option("--report <name>", "which report it is (default: as its columns say)").choices(reportNames),
    )
    .option("--anyway", "compare although the ledger is not complete for the range")
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", help)
    .action((files: readonly string[], options: TieOutOptions) => tieOut(environment, print, files, options));
}

async function tieOut(
  environment: Environment,
  print: Print,
  files: readonly string[],
  options: TieOutOptions,
): Promise<void> {
  const range = readRange(options);
  const env = parseEnv(settings, environment);
  const { source } = options;
  const isPlatform = source === defaultSource && options.account === env.STRIPE_ACCOUNT_ID;
  const account = isPlatform ? null : (options.account ?? null);
  const livemode = options.livemode ?? env.DEFAULT_LIVEMODE;
  const request: TieOutRequest = {
    ...range,
    scopeName: nameOf({ source, account, livemode }),
    report: options.report,
    currency: options.currency,
    reportingCategory: options.reportingCategory,
    anyway: options.anyway === true,
  };
  const pool = { url: databaseUrl(env), name: "tie-out", statementTimeoutMs, print: printError };
  await withPool(pool, async (connections) => {
    const reader = await createTieOutReader(connections, { source, account, livemode });
    const outcomes: FileOutcome[] = [];
    for (const file of files) outcomes.push(await outcomeOf(file, request, reader));
    report(outcomes, reader, print, options.json === true);
  });
}

function report(
  outcomes: readonly FileOutcome[],
  { asOf }: TieOutReader,
  print: Print,
  asJson: boolean,
): void {
  print(asJson ? tieOutAsJson(outcomes, asOf) : formatTieOut(outcomes, asOf));
  for (const { error } of outcomes) if (error !== undefined) printError(`takings: ${error}`);
  if (outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1;
  else if (outcomes.some(({ result }) => (result?.count ?? 0) > 0)) process.exitCode = differencesExitCode;
}

async function outcomeOf(file: string, request: TieOutRequest, reader: TieOutReader): Promise<FileOutcome> {
  try {
    return { file, result: await tieOutFile(file, request, reader, createTieOutProgress(file)) };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return { file, error: `${file} ${error.message}` };
  }
}

function nameOf({ source, account, livemode }: TieOutScope): string {
  const whose = account === "*" ? "all accounts" : (account ?? "the platform");
  const ofSource = source === defaultSource ? "" : ` of source ${source}`;
  return `${whose}${ofSource} (${livemode ? "live" : "test"} mode)`;
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}
