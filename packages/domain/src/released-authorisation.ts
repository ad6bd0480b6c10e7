import type { Charge, Refund } from "./payment-event.ts";

/**
 * From this version on Stripe makes no refund object when an authorisation is released, so every refund is real.
 * https://docs.stripe.com/changelog/basil/2025-03-31/remove-refund-from-partial-capture-and-payment-cancellation-flow
 */
const firstVersionWithoutReleases = "2025-03-31";

/**
 * Whether a "refund" only let go of money that was authorised and never captured, which is no refund at all.
 *
 * Certain when Stripe says so (`expired_uncaptured_charge`) or nothing of the charge was captured. In older API
 * versions a partial capture also left a refund of the uncaptured rest in the charge's list, and counted it in
 * `amount_refunded`: it was made by the capture, so it is the first refund of exactly that rest.
 */
export function isReleasedAuthorisation(
  refund: Refund,
  charge: Charge | undefined,
  apiVersion: string | undefined,
): boolean {
  if (refund.reason === "expired_uncaptured_charge") return true;
  if (charge === undefined) return false;
  if (charge.captured === false || charge.amountCaptured === 0n) return true;
  if (apiVersion !== undefined && apiVersion >= firstVersionWithoutReleases) return false;
  return partialCaptureRelease(charge)?.id === refund.id && refund.id !== undefined;
}

function partialCaptureRelease(charge: Charge): Refund | undefined {
  const { amount, amountCaptured, amountRefunded } = charge;
  if (amount === undefined || amountCaptured === undefined || amountRefunded === undefined) return undefined;
  const uncaptured = amount - amountCaptured;
  if (uncaptured <= 0n || amountRefunded < uncaptured) return undefined;
  const [oldest] = charge.refunds.toSorted((a, b) => time(a) - time(b));
  return oldest?.amount === uncaptured ? oldest : undefined;
}

function time(refund: Refund): number {
  return refund.created?.getTime() ?? Number.POSITIVE_INFINITY;
}
