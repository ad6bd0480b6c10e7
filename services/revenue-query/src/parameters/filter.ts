import { z } from "zod";
import { isTimeZone } from "../time/calendar.ts";
import { type Bound, parseBound, plusHint } from "./range.ts";
import type { Shape } from "./shape.ts";
import { type SourceParameter, sourceParameter } from "./source.ts";

/** The range of a query, its ends as they were given. */
export type RangeParameters = { readonly from: Bound | undefined; readonly to: Bound | undefined };

/** The source, account and mode of a query. */
export type ScopeParameters = SourceParameter & {
  /** As given: `*`, an account id, or `undefined` for the platform itself. */
  readonly account: string | undefined;
  readonly livemode: boolean;
};

/** The parameters that select ledger entries. */
export type FilterParameters = RangeParameters &
  ScopeParameters & { readonly timezone: string; readonly currency: string | undefined };

/** `from` and `to`, where plain dates are days in `zone`. */
export function rangeParameters(zone: string): Shape<RangeParameters> {
  const days = `a plain date means the first instant of that day in ${zone}`;
  return {
    from: bound(`Start of the range, inclusive: an RFC 3339 instant or a date; ${days}. Omitted: unbounded.`),
    to: bound(`End of the range, exclusive: an RFC 3339 instant or a date; ${days}. Omitted: unbounded.`),
  };
}

/** The parameters that select ledger entries. */
export function filterParameters(defaultLivemode: boolean): Shape<FilterParameters> {
  return {
    ...rangeParameters("`timezone`"),
    timezone,
    currency,
    ...scopeParameters(defaultLivemode),
  };
}

/** The parameters that select one source and account, or all of them, in live or test mode. */
export function scopeParameters(defaultLivemode: boolean): Shape<ScopeParameters> {
  return { source: sourceParameter, account, livemode: livemode(defaultLivemode) };
}

const boundForms: { type: "string"; format: string }[] = [
  { type: "string", format: "date" },
  { type: "string", format: "date-time" },
];

/** A parameter that is an RFC 3339 instant or a date. */
export function bound(description: string): z.ZodType<Bound | undefined> {
  return z
    .string()
    .transform((text, context) => {
      const parsed = parseBound(text);
      if (parsed !== undefined) return parsed;
      context.addIssue(
        `must be a date such as 2024-03-31 or an RFC 3339 instant such as 2024-03-31T12:00:00Z${plusHint(text)}`,
      );
      return z.NEVER;
    })
    .optional()
    .meta({ description, example: "2024-03-31", override: { anyOf: boundForms } });
}

const timezoneAdvice = "must be an IANA time zone such as Europe/Berlin";

const timezone: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z][\w+\-/]*$/, timezoneAdvice)
  .refine(isTimeZone, timezoneAdvice)
  .default("UTC")
  .meta({
    description: "The IANA time zone in which days, weeks, months, quarters and years begin.",
    example: "Europe/Berlin",
  });

const currency: z.ZodType<string | undefined> = z
  .string()
  .regex(/^[A-Za-z]{3}$/, "must be a three-letter currency code, such as usd")
  .transform((code) => code.toLowerCase())
  .optional()
  .meta({ description: "Only this currency: a three-letter code, in any case.", example: "usd" });

const account: z.ZodOptional<z.ZodString> = z
  .string()
  .regex(/^(\*|[\w-]{1,255})$/, "must be an account id such as acct_1032D82eZvKYlo2C, or * for all accounts")
  .optional()
  .meta({
    description:
      "Omitted, or `platform`: the platform itself. An account id: that connected account; that of a source's own Stripe " +
      "account is its platform. `*`: the platform and all connected accounts.",
    example: "*",
  });

const trueOrFalse = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

/** The account and mode that a single object must have, where they are given. */
export type ScopeOfObjectParameters = {
  readonly account: string | undefined;
  readonly livemode: boolean | undefined;
};

/** The parameters that a single object must match, where they are given. */
export const scopeOfObjectParameters: Shape<ScopeOfObjectParameters> = {
  account: account.meta({
    description: "Omitted, or `*`: any account, the platform itself first. `platform`: the platform itself.",
    example: "acct_1032D82eZvKYlo2C",
  }),
  livemode: trueOrFalse.optional().meta({
    description: "Omitted: either mode.",
    override: ({ jsonSchema }) => {
      delete jsonSchema.enum;
      Object.assign(jsonSchema, { type: "boolean" });
    },
  }),
};

/** The account and mode of a list of events, which are in it whatever they belong to unless these are given. */
export type ScopeOfEventsParameters = {
  readonly account: string;
  readonly livemode: boolean | undefined;
};

/** The parameters that limit a list of events to an account and a mode. */
export const scopeOfEventsParameters: Shape<ScopeOfEventsParameters> = {
  account: account.default("*").meta({
    description:
      "Omitted, or `*`: the platform and all connected accounts. `platform`: the platform itself. An account id: that " +
      "connected account. A long range with few events of the account takes long: give `from`, too.",
    example: "acct_1032D82eZvKYlo2C",
  }),
  livemode: scopeOfObjectParameters.livemode.meta({
    description: "Omitted: either mode, and events that do not say theirs.",
    override: ({ jsonSchema }) => {
      delete jsonSchema.enum;
      Object.assign(jsonSchema, { type: "boolean" });
    },
  }),
};

function livemode(fallback: boolean): z.ZodType<boolean> {
  return trueOrFalse.default(fallback).meta({
    description: "`true` for live mode, `false` for Stripe's test mode.",
    override: ({ jsonSchema }) => {
      delete jsonSchema.enum;
      Object.assign(jsonSchema, { type: "boolean", default: fallback });
    },
  });
}
