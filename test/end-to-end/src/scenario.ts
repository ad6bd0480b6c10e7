import { oddContent } from "./odd-content.ts";
import { type Json, oddStyle, stripeStyle, writeJson } from "./json-text.ts";
import type { Random } from "./random.ts";

/** One webhook as it goes over the wire. */
export type StripeEvent = { readonly id: string; readonly type: string; readonly body: string };

/** The members of a Stripe object. */
export type Members = { readonly [key: string]: Json | undefined };

/** Where and when a life history plays: whose account, which mode, which money, which API version. */
export type Scenario = {
  readonly random: Random;
  /** What the events' `account` member says; left out when `undefined`. */
  readonly account: string | null | undefined;
  readonly livemode: boolean;
  readonly currency: string;
  /** The date-named API version that shapes the payloads. */
  readonly apiVersion: string;
  /** When the story begins, in seconds. */
  readonly start: number;
  /** A fresh id for an object. */
  name(prefix: string): string;
  /** An event of this scenario. `envelope` replaces members of the event itself; `undefined` removes one. */
  event(type: string, created: number, object: Members, envelope?: Members): StripeEvent;
};

const versions = [
  "2020-03-02",
  "2022-08-01",
  "2022-11-15",
  "2023-10-16",
  "2024-10-28.acacia",
  "2025-03-31.basil",
  "2026-09-30.endive",
];
const currencies = ["usd", "eur", "gbp", "jpy", "krw", "kwd", "isk", "ugx", "huf", "idr", "zzz"];

/** Local midnights, month and year ends and clock changes of several zones, where buckets are easily wrong. */
const edges = [
  "2023-12-31T23:59:59Z",
  "2024-01-01T00:00:00Z",
  "2024-01-01T05:00:00Z",
  "2024-02-29T18:15:00Z",
  "2024-03-10T07:00:00Z",
  "2024-03-31T01:00:00Z",
  "2024-03-31T18:15:00Z",
  "2024-04-06T15:00:00Z",
  "2024-06-30T23:59:59Z",
  "2024-10-05T15:30:00Z",
  "2024-10-27T01:00:00Z",
  "2024-11-03T06:00:00Z",
];

export type ScenarioOptions = {
  readonly random: Random;
  readonly seed: number;
  readonly platformAccount: string;
  readonly connectedAccounts: readonly string[];
};

/** Sets up a scenario by chance: mostly the platform's own live money, some of all else. */
export function createScenario({
  random,
  seed,
  platformAccount,
  connectedAccounts,
}: ScenarioOptions): Scenario {
  const name = (prefix: string): string => `${prefix}_${seed}x${random.letters(18)}`;
  const account = random.chance(0.25)
    ? random.pick(connectedAccounts)
    : random.pick([() => undefined, () => null, () => platformAccount])();
  const scenario = {
    random,
    account,
    livemode: random.chance(0.75),
    currency: random.pick(currencies),
    apiVersion: random.pick(versions),
    start: startOf(random),
    name,
  };
  return {
    ...scenario,
    event: (type, created, object, envelope = {}) => writeEvent(scenario, type, created, object, envelope),
  };
}

/** The same moment and money in another account or mode. */
export function inLedgerScope(
  scenario: Scenario,
  where: { account?: string | undefined; livemode?: boolean },
): Scenario {
  const moved = { ...scenario, ...where };
  return {
    ...moved,
    event: (type, created, object, envelope = {}) => writeEvent(moved, type, created, object, envelope),
  };
}

/** Some time after a moment, often within the same second. */
export function later(random: Random, moment: number): number {
  return moment + random.pick([0, 0, 1, 2, 60, 3_600, 86_400, 700_000]);
}

function startOf(random: Random): number {
  if (random.chance(0.4))
    return Date.parse(random.pick(edges)) / 1000 + random.int(-1, 1) * random.pick([0, 1, 1_800, 3_600]);
  return random.int(Date.parse("2022-06-01T00:00:00Z") / 1000, Date.parse("2025-08-31T00:00:00Z") / 1000);
}

function writeEvent(
  scenario: Omit<Scenario, "event">,
  type: string,
  created: number,
  object: Members,
  envelope: Members,
): StripeEvent {
  const { random } = scenario;
  const id = scenario.name("evt");
  const event = {
    id,
    object: "event",
    account: scenario.account,
    api_version: scenario.apiVersion,
    created,
    data: { object: { ...object, metadata: oddContent(random) } },
    livemode: scenario.livemode,
    pending_webhooks: random.int(1, 4),
    request: { id: random.chance(0.5) ? `req_${random.letters(14)}` : null, idempotency_key: null },
    type,
    ...envelope,
  };
  const style = random.chance(0.3) ? oddStyle(random) : stripeStyle;
  return { id, type, body: writeJson(event, style) + random.pick(["", "", "\n"]) };
}
