import { defaultSource, type LedgerScope } from "@takings/domain";
import { type Environment, pause } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { accountsOption } from "../options/accounts.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { instantOrDateOption } from "../options/instant.ts";
import { sourceOption } from "../options/source.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { reportFailure } from "../run/report-failure.ts";
import { stopOnSignals } from "../run/stop-on-signals.ts";
import { databaseHelp } from "../settings/database.ts";
import { natsHelp } from "../settings/nats.ts";
import { stripeHelp } from "../settings/stripe.ts";
import { formatReport, reportAsJson } from "./report.ts";
import { runSync } from "./run-sync.ts";
import { readBalanceSettings } from "./settings.ts";

type Options = {
  readonly source: string;
  readonly account?: readonly string[];
  readonly from?: Date;
  readonly json?: true;
  readonly every?: number;
};

const help = environmentHelp({
  ...stripeHelp(" to balance transactions and payouts"),
  STRIPE_CONNECTED_ACCOUNTS: "connected accounts of the source default to read too, separated by commas",
  BALANCE_OVERLAP: "how long before the end of the last round a round begins to read (3d)",
  ...databaseHelp("with the role takings_reconciler"),
  ...natsHelp("as the user reconcile"),
});

/** `takings balance`: keeps the balance ledger equal to Stripe's. */
export function balanceCommand(environment: Environment, print: Print): Command {
  const command = new Command("balance").description("keep the balance ledger equal to Stripe's");
  command.addCommand(syncCommand(environment, print));
  return command;
}

/** `takings balance sync`: reads balance transactions and payouts from Stripe. */
function syncCommand(environment: Environment, print: Print): Command {
  return new Command("sync")
    .description(
      "read balance transactions and payouts from Stripe. Exits with 0 when everything is stored, 1 when it did not " +
        "finish; the next one continues",
    )
    .option("--source <name>", "the source to read", sourceOption, defaultSource)
    .option("--account <acct>", "also read this connected account; may be repeated", accountsOption)
    .option(
      "--from <instant>",
      "creation time from which to read, a date or RFC 3339 (default: the end of the last round, less " +
        "BALANCE_OVERLAP; the first time: the beginning)",
      instantOrDateOption,
    )
    .option("--json", "print the report of each account as a line of JSON")
    .option(
      "--every <minutes>",
      "repeat this long after each round, until stopped",
      wholeNumberOption(1, 10_080),
    )
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const stopping = stopOnSignals(options.every === undefined ? 1 : 0);
      const once = async (): Promise<void> => {
        const settings = readBalanceSettings(environment, options.source);
        const { source, livemode } = settings;
        const named = [...settings.connectedAccounts, ...(options.account ?? [])];
        const accounts = new Set([null, ...named.filter((one) => one !== settings.platformAccount)]);
        const scopes = [...accounts].map((account) => ({ source, account, livemode }));
        await runSync(settings, { scopes, from: options.from }, stopping, (scope: LedgerScope, report) =>
          print(options.json ? reportAsJson(scope, report) : formatReport(scope, report)),
        );
      };
      if (options.every === undefined) {
        await once();
        return;
      }
      while (!stopping.aborted) {
        await once().catch(reportFailure(stopping));
        await pause(options.every * 60_000, stopping);
      }
      process.exitCode = 0;
    });
}
