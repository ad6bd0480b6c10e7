import { disputeSale, inquire } from "./histories/disputes.ts";
import {
  payByCharge,
  payByIntent,
  payInSeveralPlaces,
  payNothing,
  receiveTransfer,
} from "./histories/payments.ts";
import { crossEventHistory } from "./histories/cross-event.ts";
import { unintelligibleEvent } from "./histories/quarantined.ts";
import { refundSale } from "./histories/refunds.ts";
import { releaseAuthorisation } from "./histories/releases.ts";
import { uncountedEvents } from "./histories/uncounted.ts";
import { createRandom, type Random } from "./random.ts";
import { createScenario, type Scenario, type StripeEvent } from "./scenario.ts";

/** The platform's own account: events that name it are the platform's own. */
export const platformAccount = "acct_1TakingsPlatform";
export const connectedAccounts: readonly string[] = ["acct_1Baker", "acct_1Florist", "acct_1Cobbler"];

/** The traffic of a whole shop: life histories of many payments, and every delivery of their events. */
export type Traffic = {
  /** Each event once, in the order in which things happened in their own history. */
  readonly events: readonly StripeEvent[];
  /** What arrives: shuffled, every fifth event twice or more. */
  readonly deliveries: readonly StripeEvent[];
};

/** Life histories until there are at least `count` events, the same for the same seed. */
export function generateTraffic(seed: number, count: number): Traffic {
  const random = createRandom(seed);
  const events: StripeEvent[] = [];
  while (events.length < count) events.push(...paymentHistory(random, seed));
  return { events, deliveries: deliver(events, random) };
}

/** The same events in another order and with other duplicates. */
export function deliver(events: readonly StripeEvent[], random: Random): StripeEvent[] {
  const again = events.filter(() => random.chance(0.2));
  const onceMore = again.filter(() => random.chance(0.1));
  return random.shuffle([...events, ...again, ...onceMore]);
}

/** Everything that Stripe ever says about one payment, or about something that is none. */
function paymentHistory(random: Random, seed: number): StripeEvent[] {
  const scenario = createScenario({ random, seed, platformAccount, connectedAccounts });
  const act = random.int(1, 100);
  if (act <= 40) return afterSale(scenario, payByIntent(scenario));
  if (act <= 55) return afterSale(scenario, payByCharge(scenario));
  if (act <= 65) return crossEventHistory(scenario);
  if (act <= 68)
    return payInSeveralPlaces(
      scenario,
      random.pick(connectedAccounts.filter((id) => id !== scenario.account)),
    );
  if (act <= 72) return receiveTransfer(scenario);
  if (act <= 79) return payNothing(scenario);
  if (act <= 86) return releaseAuthorisation(scenario);
  if (act <= 93) return uncountedEvents(scenario);
  return [unintelligibleEvent(scenario)];
}

function afterSale(scenario: Scenario, { sale, events }: ReturnType<typeof payByIntent>): StripeEvent[] {
  const { random } = scenario;
  const told = [...events];
  if (random.chance(0.5)) told.push(...refundSale(scenario, sale));
  if (random.chance(0.2)) told.push(...disputeSale(scenario, sale));
  if (random.chance(0.05)) told.push(...inquire(scenario, sale));
  return told;
}
