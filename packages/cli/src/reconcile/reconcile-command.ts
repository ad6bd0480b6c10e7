import { createPaymentService, defaultSource } from "@takings/domain";
import { createEventPublisher, type NatsLink, openLink, waitUntilCaughtUp } from "@takings/nats";
import { withReconciliationStore } from "@takings/postgres";
import {
  createStripeLists,
  reconcile,
  type ReconcileReport,
  type ReconcileRequest,
} from "@takings/reconcile";
import { type Environment, pause } from "@takings/runtime";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { accountsOption } from "../options/accounts.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { instantOption } from "../options/instant.ts";
import { sourceOption } from "../options/source.ts";
import { wholeNumberOption } from "../options/whole-number.ts";
import { reportFailure } from "../run/report-failure.ts";
import { stopOnSignals } from "../run/stop-on-signals.ts";
import { databaseHelp } from "../settings/database.ts";
import { natsHelp } from "../settings/nats.ts";
import { stripeHelp } from "../settings/stripe.ts";
import { type ReconcileSettings, readReconcileSettings } from "./settings.ts";
import { createProgress, reportAsJson, formatReport } from "./report.ts";

type Options = {
  readonly source: string;
  readonly account?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly dryRun?: true;
  readonly json?: true;
  readonly every?: number;
};

const connectTimeoutMs = 10_000;
const ackTimeoutMs = 5_000;
/** How long a run waits for the consumer to catch up before it starts. */
const catchUpTimeoutMs = 60_000;
/** The run finished, and the ledger still lacks entries or has different ones. */
const differencesExitCode = 2;
const help = environmentHelp({
  ...stripeHelp(""),
  ...databaseHelp("with the role takings_reconciler"),
  ...natsHelp("as the user reconcile"),
});

/** `takings reconcile`: compares the ledger with Stripe's lists, and publishes the events that it lacks. */
export function reconcileCommand(environment: Environment, print: Print): Command {
  return new Command("reconcile")
    .description(
      "compare the ledger with Stripe's lists and publish the events that it lacks. Exits with 0 if the ledger " +
        "matches, 2 if entries are missing or different, 1 on failure",
    )
    .summary("compare the ledger with Stripe's lists and publish the events that it lacks")
    .option("--source <name>", "the source to reconcile", sourceOption, defaultSource)
    .option("--account <acct>", "also reconcile this connected account; may be repeated", accountsOption)
    .option(
      "--from <instant>",
      "start, RFC 3339 (default: a day before the end of the last complete run)",
      instantOption,
    )
    .option("--to <instant>", "end, RFC 3339 (default: ten minutes ago)", instantOption)
    .option("--dry-run", "only report what is missing or different")
    .option("--json", "print the report of each account as a line of JSON")
    .option(
      "--every <minutes>",
      "repeat this long after each run, until stopped",
      wholeNumberOption(1, 10_080),
    )
    .addHelpText("after", help)
    .action(async (options: Options) => {
      const stopping = stopOnSignals(options.every === undefined ? 1 : 0);
      if (options.every === undefined) {
        await runOnce(environment, options, stopping, print);
        return;
      }
      while (!stopping.aborted) {
        await runOnce(environment, options, stopping, print).catch(reportFailure(stopping));
        await pause(options.every * 60_000, stopping);
      }
      process.exitCode = 0;
    });
}

async function runOnce(
  environment: Environment,
  options: Options,
  stopping: AbortSignal,
  print: Print,
): Promise<void> {
  const settings = readReconcileSettings(environment, options.source);
  const link = await openLink({ ...settings.nats, name: "reconcile" });
  try {
    await link.connected(connectTimeoutMs);
    for (const account of [null, ...(options.account ?? [])]) {
      const request: ReconcileRequest = {
        scope: {
          source: settings.source,
          account: account === settings.platformAccount ? null : account,
          livemode: settings.livemode,
        },
        requested: { from: options.from, to: options.to },
        dryRun: options.dryRun === true,
      };
      const report = await runFor(settings, request, { link, stopping });
      print(options.json ? reportAsJson(request, report) : formatReport(request, report));
      if (report.run.missing + report.run.different > 0) process.exitCode = differencesExitCode;
    }
  } finally {
    await link.close();
  }
}

function runFor(
  settings: ReconcileSettings,
  request: ReconcileRequest,
  { link, stopping }: { readonly link: NatsLink; readonly stopping: AbortSignal },
): Promise<ReconcileReport> {
  const { scope } = request;
  const publisher = createEventPublisher(link, { ackTimeoutMs });
  const lists = createStripeLists({ ...settings, account: scope.account, stopping });
  return withReconciliationStore(settings.databaseUrl, scope, (store) =>
    reconcile(request, {
      lists,
      store,
      payments: createPaymentService(() => settings.platformAccount),
      publish: ({ id, type, body }) =>
        publisher.publish({ id, source: scope.source, type, body, headers: {} }),
      waitUntilCommitted: () => waitUntilCaughtUp(link, catchUpTimeoutMs),
      now: () => new Date(),
      stopping,
      onProgress: createProgress(scope),
    }),
  );
}
