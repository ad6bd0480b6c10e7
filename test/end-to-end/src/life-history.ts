import { disputeSale, inquire } from "./histories/disputes.ts";
import {
  payByCharge,
  payByIntent,
  payInSeveralPlaces,
  payNothing,
  receiveTransfer,
} from "./histories/payments.ts";
import { proveByOthers } from "./histories/proofs.ts";
import { defyUnderstanding } from "./histories/quarantined.ts";
import { refundSale } from "./histories/refunds.ts";
import { releaseAuthorisation } from "./histories/releases.ts";
import { countNothing } from "./histories/silent.ts";
import { createRandom, type Random } from "./random.ts";
import { createScene, type Scene, type StripeEvent } from "./scene.ts";

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
export function makeTraffic(seed: number, count: number): Traffic {
  const random = createRandom(seed);
  const events: StripeEvent[] = [];
  while (events.length < count) events.push(...lifeHistory(random, seed));
  return { events, deliveries: deliver(events, random) };
}

/** The same events in another order and with other duplicates. */
export function deliver(events: readonly StripeEvent[], random: Random): StripeEvent[] {
  const again = events.filter(() => random.chance(0.2));
  const onceMore = again.filter(() => random.chance(0.1));
  return random.shuffle([...events, ...again, ...onceMore]);
}

/** Everything that Stripe ever says about one payment, or about something that is none. */
function lifeHistory(random: Random, seed: number): StripeEvent[] {
  const scene = createScene({ random, seed, platformAccount, connectedAccounts });
  const act = random.int(1, 100);
  if (act <= 40) return afterSale(scene, payByIntent(scene));
  if (act <= 55) return afterSale(scene, payByCharge(scene));
  if (act <= 65) return proveByOthers(scene);
  if (act <= 68)
    return payInSeveralPlaces(scene, random.pick(connectedAccounts.filter((id) => id !== scene.account)));
  if (act <= 72) return receiveTransfer(scene);
  if (act <= 79) return payNothing(scene);
  if (act <= 86) return releaseAuthorisation(scene);
  if (act <= 93) return countNothing(scene);
  return [defyUnderstanding(scene)];
}

function afterSale(scene: Scene, { sale, events }: ReturnType<typeof payByIntent>): StripeEvent[] {
  const { random } = scene;
  const told = [...events];
  if (random.chance(0.5)) told.push(...refundSale(scene, sale));
  if (random.chance(0.2)) told.push(...disputeSale(scene, sale));
  if (random.chance(0.05)) told.push(...inquire(scene, sale));
  return told;
}
