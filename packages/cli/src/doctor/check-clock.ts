import { readServerTime } from "@takings/nats";
import { inspectServer } from "@takings/postgres";
import type { Environment } from "@takings/runtime";
import { type Check, type Finding, notAsked, ok, todo, unknown } from "./check.ts";
import type { Connections } from "./connections.ts";
import { reasonOf } from "./run-checks.ts";
import { readStripeKey } from "./stripe-key.ts";

/** As the alert TakingsClockSkew: at ten times as much ingress refuses every webhook. */
const limitSeconds = 30;
const stripeTimeoutMs = 5_000;

type Clock = { readonly name: string; readonly read: () => Promise<Date> };

/** Whether the clock of this process agrees with those of the servers. @param now the clock of this process. */
export function clockCheck(connections: Connections, environment: Environment, now: () => Date): Check {
  return {
    name: "clock",
    async run(): Promise<Finding> {
      const clocks = await reachableClocks(connections, environment);
      if (clocks.length === 0) return notAsked("no other clock can be asked from here");
      const read = await Promise.all(clocks.map((clock) => differenceFrom(clock, now)));
      const known = read.flatMap(({ name, seconds }) => (seconds === undefined ? [] : [{ name, seconds }]));
      const said = known.map(({ name, seconds }) => `${name}'s ${seconds.toFixed(1)} s`).join(", ");
      if (known.some(({ seconds }) => Math.abs(seconds) > limitSeconds))
        return todo(
          `clocks are ahead of the one here by: ${said}`,
          "synchronize the one that differs: docs/runbooks/TakingsClockSkew.md",
        );
      const failures = read.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
      return failures.length > 0
        ? unknown(failures.join("; "), "run it again once the other checks are well")
        : ok(`clocks are ahead of the one here by: ${said}`);
    },
  };
}

/** Those that can be asked. A server that does not respond is a matter of its own check. */
async function reachableClocks(
  connections: Connections,
  environment: Environment,
): Promise<readonly Clock[]> {
  const [database, nats] = await Promise.all([
    connections.database()?.catch(() => undefined),
    connections.nats()?.catch(() => undefined),
  ]);
  const stripe = readStripeKey(environment);
  return [
    ...(database === undefined
      ? []
      : [{ name: "PostgreSQL", read: async () => (await inspectServer(database.pool)).clock }]),
    ...(nats === undefined ? [] : [{ name: "NATS", read: () => readServerTime(nats.connection.nats) }]),
    ...(stripe === undefined ? [] : [{ name: "Stripe", read: () => readStripeClock(stripe.apiUrl) }]),
  ];
}

/** The header of any response, which needs no key; it has no fractions of a second. */
async function readStripeClock(url: URL): Promise<Date> {
  const response = await fetch(new URL("/v1/", url), { signal: AbortSignal.timeout(stripeTimeoutMs) });
  await response.body?.cancel();
  const date = new Date(response.headers.get("date") ?? "");
  if (Number.isNaN(date.getTime())) throw new Error("the response has no date");
  return date;
}

type Difference = {
  readonly name: string;
  readonly seconds?: number;
  readonly failure?: string;
};

/** How far a clock is ahead of the one here, taken in the middle of the request. */
async function differenceFrom({ name, read }: Clock, now: () => Date): Promise<Difference> {
  try {
    const before = now().getTime();
    const time = await read();
    return { name, seconds: (time.getTime() - (before + now().getTime()) / 2) / 1_000 };
  } catch (error) {
    return { name, failure: `the clock of ${name} cannot be read: ${reasonOf(error)}` };
  }
}
