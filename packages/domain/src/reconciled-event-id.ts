/**
 * How the ids begin of events that Stripe never sent: `takings reconcile` makes them from an object that it found
 * at Stripe and of which no event speaks any more. No id of Stripe's has an underscore after its prefix.
 */
export const reconciledPrefix = "evt_reconcile_";

/** Whether `takings reconcile` made the event of this id. */
export function isReconciled(eventId: string): boolean {
  return eventId.startsWith(reconciledPrefix);
}
