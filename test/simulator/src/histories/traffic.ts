import { deliveriesOf } from "../deliver-events.ts";
import type { StripeEvent } from "../event.ts";
import { createRandom, type Random } from "../random.ts";
import { crossEventHistory } from "./cross-event.ts";
import { disputeSale, inquire } from "./disputes.ts";
import { payByCharge, payByIntent, payInSeveralPlaces, payNothing, receiveTransfer } from "./payments.ts";
import { unintelligibleEvent } from "./quarantined.ts";
import { refundSale } from "./refunds.ts";
import { releaseAuthorisation } from "./releases.ts";
import { createScenario, type Scenario } from "./scenario.ts";
import { uncountedEvents } from "./uncounted.ts";

/** The platform's own account: events that name it are the platform's own. */
export const platformAccount = "acct_1TakingsPlatform";
export const connectedAccounts: readonly string[] = ["acct_1Baker", "acct_1Florist", "acct_1Cobbler"];

/** Histories of many payments that meet every rule of the ledger. */
export type HistoryTraffic = {
  /** Each event once, in the order in which things happened in its own history. */
  readonly events: readonly StripeEvent[];
  /** All deliveries: shuffled, every fifth event twice or more. */
  readonly deliveries: readonly StripeEvent[];
};

/** Generates histories until there are at least `count` events. The same seed gives the same traffic. */
export function generateHistories(seed: number, count: number): HistoryTraffic {
  const random = createRandom(seed);
  const events: StripeEvent[] = [];
  while (events.length < count) events.push(...paymentHistory(random, seed));
  return { events, deliveries: deliveriesOf(events, random) };
}

/** Everything that Stripe ever says about one payment, or about something that is not a payment. */
function paymentHistory(random: Random, seed: number): StripeEvent[] {
  const scenario = createScenario({ random, seed, platformAccount, connectedAccounts });
  const percentile = random.int(1, 100);
  if (percentile <= 40) return afterSale(scenario, payByIntent(scenario));
  if (percentile <= 55) return afterSale(scenario, payByCharge(scenario));
  if (percentile <= 65) return crossEventHistory(scenario);
  if (percentile <= 68)
    return payInSeveralPlaces(
      scenario,
      random.pick(connectedAccounts.filter((id) => id !== scenario.account)),
    );
  if (percentile <= 72) return receiveTransfer(scenario);
  if (percentile <= 79) return payNothing(scenario);
  if (percentile <= 86) return releaseAuthorisation(scenario);
  if (percentile <= 93) return uncountedEvents(scenario);
  return [unintelligibleEvent(scenario)];
}

function afterSale(scenario: Scenario, { sale, events }: ReturnType<typeof payByIntent>): StripeEvent[] {
  const { random } = scenario;
  const history = [...events];
  if (random.chance(0.5)) history.push(...refundSale(scenario, sale));
  if (random.chance(0.2)) history.push(...disputeSale(scenario, sale));
  if (random.chance(0.05)) history.push(...inquire(scenario, sale));
  return history;
}
