import {
  applyEndpoint,
  beginRotation,
  createStripeEndpoints,
  type EndpointChange,
  type EndpointDependencies,
  finishRotation,
  lookAtEndpoint,
} from "@takings/endpoint";
import type { Environment } from "@takings/runtime";
import { endpointTypes } from "@takings/wire";
import { Command } from "commander";
import type { Print } from "../command.ts";
import { environmentHelp } from "../options/environment-help.ts";
import { stopOnSignals } from "../run/stop-on-signals.ts";
import { formatChange, formatHead, formatState } from "./format-plan.ts";
import { planAsJson } from "./plan-as-json.ts";
import { openEndpointPlace, type PlaceOptions } from "./secret-place.ts";
import { placeHelp, withPlaceOptions } from "./place-options.ts";
import type { EndpointTarget } from "./settings.ts";
import { watchCommand } from "./watch/watch-command.ts";

type Options = PlaceOptions & { readonly json?: true };

/** When a command stops, and how long it waits for deliveries in progress; tests do not wait for signals and deliveries. */
export type EndpointRun = Pick<EndpointDependencies, "settleMs"> & { readonly stopping?: AbortSignal };

/** Something differs from what is wanted. */
const differenceExitCode = 2;

const help = environmentHelp({
  STRIPE_API_KEY: "restricted key that may write webhook endpoints",
  STRIPE_API_KEY_FILE: "file with this key",
  ...placeHelp,
});

/** `takings endpoint`: looks after the webhook endpoint at Stripe. */
export function endpointCommand(environment: Environment, print: Print, run: EndpointRun = {}): Command {
  const open: Open = (options, onChange) => openEndpoint(environment, options, run, onChange);
  return new Command("endpoint")
    .description("look after the webhook endpoint at Stripe and its signing secret")
    .addCommand(planCommand(open, print))
    .addCommand(applyCommand(open, print))
    .addCommand(rotateCommand(open, print))
    .addCommand(watchCommand(environment))
    .addCommand(typesCommand(print));
}

/** `takings endpoint plan`: shows what `apply` would do. */
function planCommand(open: Open, print: Print): Command {
  return withOptions("plan")
    .description(
      "show what differs at Stripe, and change nothing. Exits with 0 if nothing is to be done, 2 if something is, 1 on failure",
    )
    .summary("show what differs at Stripe")
    .action(async (options: Options) => {
      const { settings, dependencies } = open(options, () => {});
      const plan = await lookAtEndpoint(settings.wanted, dependencies);
      if (plan.changes.length > 0) process.exitCode = differenceExitCode;
      if (options.json) {
        print(planAsJson(plan, settings.livemode));
        return;
      }
      print(formatHead(plan, settings.livemode));
      for (const change of plan.changes) print(formatChange(change));
      print(formatState(plan));
    });
}

/** `takings endpoint apply`: creates or changes the endpoint. */
function applyCommand(open: Open, print: Print): Command {
  return withOptions("apply")
    .description(
      "create or change the endpoint at Stripe, and store its signing secret. An interrupted one is completed by the next. " +
        "Exits with 0 if the endpoint is as wanted, 1 if not",
    )
    .summary("create or change the endpoint at Stripe, and store its signing secret")
    .option("--adopt", "replace endpoints with the same URL that were created in another way")
    .action(async (options: Options & { readonly adopt?: true }) => {
      const applied: EndpointChange[] = [];
      const { settings, dependencies } = open(options, (change) => {
        applied.push(change);
        if (!options.json) print(formatChange(change));
      });
      const plan = await applyEndpoint(settings.wanted, dependencies, { adopt: options.adopt === true });
      if (plan.changes.length > 0) process.exitCode = 1;
      if (options.json) {
        print(planAsJson(plan, settings.livemode, { applied }));
        return;
      }
      for (const change of plan.changes) print(formatChange(change));
      print(formatState(plan));
    });
}

/** `takings endpoint rotate`: replaces the signing secret. */
function rotateCommand(open: Open, print: Print): Command {
  return withOptions("rotate")
    .description(
      "replace the signing secret without a gap: adds an endpoint with a new one; --finish deletes the older endpoint",
    )
    .option("--finish", "delete the older endpoint and its secret")
    .action(async (options: Options & { readonly finish?: true }) => {
      const applied: EndpointChange[] = [];
      const { settings, dependencies } = open(options, (change) => {
        applied.push(change);
        if (!options.json) print(formatChange(change));
      });
      const rotate = options.finish ? finishRotation : beginRotation;
      const { done, plan } = await rotate(settings.wanted, dependencies);
      print(
        options.json
          ? planAsJson(plan, settings.livemode, { applied, rotation: done })
          : `rotation: ${done}; ${formatState(plan)}`,
      );
    });
}

/** `takings endpoint types`: the event types that an endpoint should receive. */
function typesCommand(print: Print): Command {
  return new Command("types")
    .description("print the event types that an endpoint should receive, one a line")
    .action(() => print(endpointTypes.join("\n")));
}

function withOptions(name: string): Command {
  return withPlaceOptions(new Command(name))
    .option("--json", "print one line of JSON")
    .addHelpText("after", help);
}

/** What a command works with. `onChange` is called before each change. */
type Open = (
  options: PlaceOptions,
  onChange: (change: EndpointChange) => void,
) => { readonly settings: EndpointTarget; readonly dependencies: EndpointDependencies };

function openEndpoint(
  environment: Environment,
  options: PlaceOptions,
  { settleMs, stopping = stopOnSignals(1) }: EndpointRun,
  onChange: (change: EndpointChange) => void,
): ReturnType<Open> {
  const { target: settings, secrets } = openEndpointPlace(environment, options);
  const stripe = createStripeEndpoints({ ...settings, stopping });
  return { settings, dependencies: { stripe, secrets, onChange, stopping, settleMs } };
}
