/** An event in the order that decides between events: by {@link witnessOf its time}, then by event id. */
export type Witness = { readonly created: Date; readonly eventId: string };

/**
 * How the ids begin of events that Stripe never sent: `takings reconcile` makes them from an object that it found
 * at Stripe and of which no event speaks any more. No id of Stripe's has an underscore after its prefix.
 */
export const reconciledPrefix = "evt_reconcile_";

/** Later than any time that Stripe's events can have: their last second is of the year 9999 too. */
const afterAllEvents = new Date("9999-12-31T23:59:59.999Z");

/**
 * The place of an event among those that speak of one entry. Stripe's own events are ordered by Stripe's clock. What
 * was only made from an object comes after all of them, whatever time it names, so that any real event decides
 * instead, whether it came before or comes later. It is still a total order, so merging still commutes.
 */
export function witnessOf(eventId: string, created: Date): Witness {
  return { created: eventId.startsWith(reconciledPrefix) ? afterAllEvents : created, eventId };
}
