import type { LedgerFilter } from "@takings/domain";
import { z } from "zod";
import { asOf, source } from "./fields.ts";

/** The fields in which a response about revenue repeats its query. */
export type Heading = {
  readonly from: string | null;
  readonly to: string | null;
  readonly timezone: string;
  readonly livemode: boolean;
  readonly source: string;
  readonly account: string | null;
  readonly as_of: string;
};

/** The fields of a {@link Heading}, to be spread into the schema of a response. */
export const heading: { readonly [Name in keyof Heading]: z.ZodType<Heading[Name]> } = {
  from: z.string().nullable().meta({ format: "date-time", description: "Inclusive; null is unbounded." }),
  to: z.string().nullable().meta({ format: "date-time", description: "Exclusive; null is unbounded." }),
  timezone: z.string(),
  livemode: z.boolean(),
  source,
  account: z.string().nullable().meta({ description: "null is the platform itself, `*` is all accounts." }),
  as_of: asOf,
};

/** The heading of a response to a query with this filter. */
export function headingOf(filter: LedgerFilter, timezone: string): Heading {
  return {
    from: filter.from ?? null,
    to: filter.to ?? null,
    timezone,
    livemode: filter.livemode,
    source: filter.source,
    account: filter.account,
    as_of: filter.asOf,
  };
}
