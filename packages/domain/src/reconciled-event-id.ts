/**
 * The prefix of the ids of events that Stripe never sent: `takings reconcile` makes them from objects that it found at
 * Stripe and that no event is available for. Ids of Stripe have no underscore after their prefix.
 */
export const reconciledPrefix = "evt_reconcile_";

/** Whether `takings reconcile` made the event of this id. */
export function isReconciled(eventId: string): boolean {
  return eventId.startsWith(reconciledPrefix);
}
