import type { LedgerFilter, Moment } from "@takings/domain";
import type { Temporal } from "temporal-polyfill";
import type { Heading } from "./responses.ts";
import { utcText } from "./calendar.ts";
import type { FilterParameters } from "./parameters.ts";
import type { Range } from "./range.ts";

/** What the installation has decided about questions. */
export type Installation = {
  readonly defaultLivemode: boolean;
  /** The platform's own account id, which in questions means the platform itself. */
  readonly stripeAccountId: string | undefined;
};

/** The ledger filter that a request means. */
export function ledgerFilter(
  query: FilterParameters & { readonly range: Range },
  installation: Installation,
  asOf: Moment,
): LedgerFilter {
  return {
    asOf,
    from: momentOf(query.range.from),
    to: momentOf(query.range.to),
    currency: query.currency,
    livemode: query.livemode,
    account: resolveAccount(query.account, installation),
  };
}

/** Whose money a parameter `account` means, as the store takes it. */
export function resolveAccount(given: string | undefined, { stripeAccountId }: Installation): string | null {
  return given === undefined || given === stripeAccountId ? null : given;
}

/** How an answer names the question it answers. */
export function headingOf(filter: LedgerFilter, timezone: string): Heading {
  return {
    from: filter.from ?? null,
    to: filter.to ?? null,
    timezone,
    livemode: filter.livemode,
    account: filter.account,
    as_of: filter.asOf,
  };
}

/** An instant as the store takes it, and as answers show it. */
export function momentOf(instant: Temporal.Instant): Moment;
export function momentOf(instant: Temporal.Instant | undefined): Moment | undefined;
export function momentOf(instant: Temporal.Instant | undefined): Moment | undefined {
  return instant === undefined ? undefined : utcText(instant);
}
