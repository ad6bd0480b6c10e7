import type { StripeEvent } from "../event.ts";
import { createRandom } from "../random.ts";
import { addTotals, noTotals, type Totals, type CurrencyTotals } from "../revenue-totals.ts";
import { placeOrder } from "./order.ts";
import { customerCreated, playOrder } from "./outcomes.ts";

/** Traffic of a shop, and the revenue that it must come to. */
export type ShopTraffic = {
  /** Each event once, in an order in which they could have happened. */
  readonly events: readonly StripeEvent[];
  readonly expected: Totals;
};

export type ShopTrafficSettings = {
  /** The number of different events. */
  readonly events: number;
  readonly seed: number;
  /** Letters and digits that make the ids of this run unique. */
  readonly run: string;
  /** Unix seconds; everything happened in the day before. */
  readonly now: number;
};

const day = 86_400;
/** From the last order until everything has happened to it. */
const margin = 7_200;

/** Test-mode traffic of one day. The same settings give the same traffic, and the same seed the same amounts. */
export function generateShopTraffic({ events: count, seed, run, now }: ShopTrafficSettings): ShopTraffic {
  const random = createRandom(seed);
  const placedAt = (): number => now - random.int(margin, day);
  const shop = { random, livemode: false, run, placedAt, maxDelay: 3_600 };
  const events: StripeEvent[] = [];
  const expected = new Map<string, CurrencyTotals>();
  for (let number = 1; events.length < count; number += 1) {
    const order = placeOrder(shop, number);
    const outcome = playOrder(order);
    if (events.length + outcome.events.length > count) {
      events.push(customerCreated(order));
      continue;
    }
    events.push(...outcome.events);
    const earned = { ...noTotals(), ...outcome.revenue };
    if (earned.payments > 0)
      expected.set(order.currency, addTotals(expected.get(order.currency) ?? noTotals(), earned));
  }
  return { events, expected };
}

/** So that 100,000 orders take a little more than a year. */
const secondsPerOrder = 360;
const firstOrderAt = 1_700_000_000;

/**
 * Live-mode events of a shop, order after order, endlessly and the same for the same seed. Ids are random in all their
 * characters, although in Stripe's own half of them repeat: measurements on these events flatter no compression.
 */
export function* shopEvents(seed: number): Generator<StripeEvent, never> {
  const random = createRandom(seed);
  const placedAt = (number: number): number =>
    firstOrderAt + number * secondsPerOrder + random.int(0, secondsPerOrder);
  const shop = { random, livemode: true, run: "", placedAt, maxDelay: 2_000_000 };
  for (let number = 1; ; number += 1) yield* playOrder(placeOrder(shop, number)).events;
}
