import { setTimeout as pause } from "node:timers/promises";
import { createPaymentService } from "@takings/domain";
import { createEventPublisher, type NatsLink, openLink, waitUntilCaughtUp } from "@takings/nats";
import { withReconciliationStore } from "@takings/postgres";
import {
  createStripeLists,
  reconcile,
  type ReconcileReport,
  type ReconcileRequest,
} from "@takings/reconcile";
import { ConfigError, type Environment, integer } from "@takings/runtime";
import { Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { type ReconcileSettings, readReconcileSettings } from "./settings.ts";
import { createProgress, reportAsJson, formatReport } from "./report.ts";

type Options = {
  readonly account: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly dryRun?: true;
  readonly json?: true;
  readonly every?: number;
};

const connectTimeoutMs = 10_000;
const ackTimeoutMs = 5_000;
/** How far behind the consumer may be when a run begins. */
const catchUpTimeoutMs = 60_000;
const shutdownTimeoutMs = 5_000;
const stopped = new Error("stopped before the end; the next run goes on from there");
/** The run is over, and the ledger lacks something or has it otherwise. */
const gapsExitCode = 2;

/** `takings reconcile`: holds the scope against Stripe's, and closes the gaps. */
export function reconcileCommand(environment: Environment, say: (line: string) => void): Command {
  return new Command("reconcile")
    .description(
      "hold the ledger against Stripe's own lists and publish what it lacks (STRIPE_API_KEY or STRIPE_API_KEY_FILE: a " +
        "restricted key that may read; DATABASE_URL: a takings_reconciler; NATS_URL: the user reconcile)",
    )
    .option("--account <acct>", "a connected account beside the platform; may be repeated", collect, [])
    .option("--from <instant>", "from where (RFC 3339); usually a day before it is complete through", instant)
    .option("--to <instant>", "until where (RFC 3339); usually ten minutes ago", instant)
    .option("--dry-run", "only report what is found")
    .option("--json", "print the report of each account as a line of JSON")
    .option("--every <minutes>", "begin again that long after each end, until stopped", minutes)
    .action(async (options: Options) => {
      const stopping = new AbortController();
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        process.once(signal, () => {
          stopping.abort(stopped);
          // Whatever a connection still waits for: all that is done is noted.
          setTimeout(() => process.exit(options.every === undefined ? 1 : 0), shutdownTimeoutMs).unref();
        });
      }
      if (options.every === undefined) {
        await runOnce(environment, options, stopping.signal, say);
        return;
      }
      while (!stopping.signal.aborted) {
        await runOnce(environment, options, stopping.signal, say).catch(reportFailure(stopping.signal));
        await pause(options.every * 60_000, undefined, { signal: stopping.signal }).catch(() => {});
      }
      process.exitCode = 0;
    });
}

/** In a loop the next round may go better, unless the settings are wrong. */
function reportFailure(stopping: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (!stopping.aborted) process.stderr.write(`takings: ${reason}\n`);
  };
}

async function runOnce(
  environment: Environment,
  options: Options,
  stopping: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const settings = readReconcileSettings(environment);
  const link = await openLink({
    url: settings.natsUrl,
    credsFile: settings.natsCredsFile,
    name: "reconcile",
  });
  try {
    await link.connected(connectTimeoutMs);
    for (const account of [null, ...options.account]) {
      const request: ReconcileRequest = {
        scope: {
          account: account === settings.platformAccount ? null : account,
          livemode: settings.livemode,
        },
        asked: { from: options.from, to: options.to },
        dryRun: options.dryRun === true,
      };
      const report = await runFor(settings, request, { link, stopping });
      say(options.json ? reportAsJson(request, report) : formatReport(request, report));
      if (report.run.missing + report.run.different > 0) process.exitCode = gapsExitCode;
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
      payments: createPaymentService(settings.platformAccount),
      publish: ({ id, type, body }) => publisher.publish({ id, type, body, headers: {} }),
      caughtUp: () => waitUntilCaughtUp(link, catchUpTimeoutMs),
      now: () => new Date(),
      stopping,
      onProgress: createProgress(scope),
    }),
  );
}

function collect(account: string, before: readonly string[]): readonly string[] {
  if (!/^acct_\w+$/.test(account)) throw new InvalidArgumentError("It must be a Stripe account id, acct_…");
  return [...before, account];
}

function instant(text: string): Date {
  const { success, data } = z.iso.datetime({ offset: true }).safeParse(text);
  if (success) return new Date(data);
  throw new InvalidArgumentError("It must be an RFC 3339 instant such as 2026-10-01T00:00:00Z.");
}

function minutes(text: string): number {
  const { success, data } = integer(1, 10_080).safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError("It must be a whole number of minutes, from 1 to 10080.");
}
