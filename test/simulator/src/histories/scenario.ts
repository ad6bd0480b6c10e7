import { eventObject, type StripeEvent } from "../event.ts";
import type { Members } from "../json.ts";
import type { Random } from "../random.ts";
import { createCustomer, type PaymentContext } from "../stripe-objects.ts";
import { oddStyle, stripeStyle, writeJson } from "./json-text.ts";
import { oddContent } from "./odd-content.ts";

/** Where and when a history takes place: whose account, which mode, which currency, which API version. */
export type Scenario = PaymentContext & {
  /** The `account` member of the events; left out when `undefined`. */
  readonly account: string | null | undefined;
  /** The date-named API version that shapes the payloads. */
  readonly apiVersion: string;
  /** A new id for an object. */
  newId(prefix: string): string;
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

/** Local midnights, ends of months and years, and clock changes of several zones: the edges of buckets. */
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

/** Creates a random scenario: mostly live payments of the platform itself. */
export function createScenario({
  random,
  seed,
  platformAccount,
  connectedAccounts,
}: ScenarioOptions): Scenario {
  const newId = (prefix: string): string => `${prefix}_${seed}x${random.letters(18)}`;
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
    customer: createCustomer(random),
    newId,
  };
  return {
    ...scenario,
    event: (type, created, object, envelope = {}) => writeEvent(scenario, type, created, object, envelope),
  };
}

/** The same scenario in another account or mode. */
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

/** A random time after `moment`, often within the same second. */
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
  const { random, livemode, account, apiVersion } = scenario;
  const id = scenario.newId("evt");
  const event = eventObject(
    { id, type, created, livemode, object: { ...object, metadata: oddContent(random) } },
    {
      account,
      api_version: apiVersion,
      pending_webhooks: random.int(1, 4),
      request: { id: random.chance(0.5) ? `req_${random.letters(14)}` : null, idempotency_key: null },
      ...envelope,
    },
  );
  const style = random.chance(0.3) ? oddStyle(random) : stripeStyle;
  return { id, type, body: writeJson(event, style) + random.pick(["", "", "\n"]) };
}
