import { createStripeEndpoints } from "@takings/endpoint";
import { type Environment, run } from "@takings/runtime";
import { Command } from "commander";
import { environmentHelp } from "../../options/environment-help.ts";
import { placeHelp, withPlaceOptions } from "../place-options.ts";
import { startWatch } from "./service.ts";
import { readWatchSettings, type WatchOptions } from "./settings.ts";

/** A check in progress is interrupted; the next process completes what it began. */
const graceMs = 10_000;
/** How long one request to Stripe is repeated: the check is repeated too. */
const maxFailingMs = 20_000;

const help = environmentHelp({
  STRIPE_API_KEY: "restricted key that may write webhook endpoints",
  STRIPE_API_KEY_FILE: "file with this key, read again for each check",
  ...placeHelp,
  ENDPOINT_WATCH_INTERVAL: "the longest time between two checks (60s)",
  ADMIN_PORT: "port of probes and metrics (9090)",
  HOST: "address to listen on (all)",
  LOG_LEVEL: "how much is logged (info)",
});

/** `takings endpoint watch`: keeps the endpoint as it should be, until it is stopped. */
export function watchCommand(environment: Environment): Command {
  return withPlaceOptions(new Command("watch"))
    .description(
      "keep the endpoint at Stripe and its signing secret as they should be, until stopped: does what `apply` does every " +
        "minute, and reports the conditions of the endpoint as metrics, log lines and, in a cluster, Events",
    )
    .summary("keep the endpoint as it should be, until stopped")
    .option("--adopt", "replace endpoints with the same URL that were created in another way")
    .addHelpText("after", help)
    .action((options: WatchOptions) =>
      run({
        graceMs,
        start: (scope) => {
          const { readTarget, ...settings } = readWatchSettings(environment, options);
          const openStripe = (): ReturnType<typeof createStripeEndpoints> =>
            createStripeEndpoints({ ...readTarget(), maxFailingMs, stopping: scope.stopping });
          return startWatch(scope, { ...settings, openStripe });
        },
      }),
    );
}
