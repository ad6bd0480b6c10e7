import type { OpenGap } from "@takings/domain";
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type Interval, intervals, isTimeZone } from "./calendar.ts";
import { type Cursor, decodeCursor } from "./cursor.ts";
import { type Bound, parseBound, parseMoment, resolveBound } from "./range.ts";

/** One schema per query parameter: what a request is checked against and what the OpenAPI document shows. */
export type Shape<Values> = { readonly [Name in keyof Values]: z.ZodType<Values[Name]> };

export type RangeParameters = { readonly from: Bound | undefined; readonly to: Bound | undefined };

/** Whose money, and whether it is real. */
export type ScopeParameters = {
  /** As given: `*`, an id, or `undefined` for the platform's own. */
  readonly account: string | undefined;
  readonly livemode: boolean;
};

export type FilterParameters = RangeParameters &
  ScopeParameters & { readonly timezone: string; readonly currency: string | undefined };

export type AsRecordedAt = { readonly as_recorded_at: Temporal.Instant | undefined };

export type PageParameters = { readonly limit: number; readonly cursor: Cursor | undefined };

const plusHint = " (in a URL, + must be written %2B)";

/** `from` and `to`, where plain dates are days in `zone`. */
export function rangeParameters(zone: string): Shape<RangeParameters> {
  const days = `plain dates mean the first instant of that day in ${zone}`;
  return {
    from: bound(
      `Where the range begins, inclusive: an RFC 3339 instant or a date; ${days}. Omitted: all time.`,
    ),
    to: bound(`Where the range ends, exclusive: an RFC 3339 instant or a date; ${days}. Omitted: all time.`),
  };
}

/** What selects ledger entries. */
export function filterParameters(defaultLivemode: boolean): Shape<FilterParameters> {
  return {
    ...rangeParameters("`timezone`"),
    timezone,
    currency,
    ...scopeParameters(defaultLivemode),
  };
}

/** What selects the money of one account, or of all, in one mode. */
export function scopeParameters(defaultLivemode: boolean): Shape<ScopeParameters> {
  return { account, livemode: livemode(defaultLivemode) };
}

/** A moment of the record, as against the moments at which money moved. */
const moment: z.ZodType<Temporal.Instant, string> = z.string("is required").transform((text, context) => {
  const parsed = parseMoment(text);
  const resolved = parsed && resolveBound(parsed, "UTC");
  if (resolved !== undefined) return resolved;
  const hint = / \d\d:\d\d$/.test(text) ? plusHint : "";
  context.addIssue(
    `must be an RFC 3339 instant such as 2024-03-31T12:00:00Z, within the years 0001 to 9999${hint}`,
  );
  return z.NEVER;
});

const instantForm: { type: "string"; format: string } = { type: "string", format: "date-time" };

/** The record as it stood at an earlier moment. */
export const asRecordedAt: Shape<AsRecordedAt> = {
  as_recorded_at: moment.optional().meta({
    description:
      "The record as it stood then: only what had been recorded until that instant counts, and the answer is the " +
      "same permanently. The `as_of` of an earlier answer gives that answer again. Omitted: the latest moment there is.",
    override: instantForm,
  }),
};

/** The moment since which changes are asked for. */
export const sinceParameter: z.ZodType<Temporal.Instant> = moment.meta({
  description: "Changes that were recorded after this instant. The `as_of` of an earlier answer fits.",
  override: instantForm,
});

/** What is said of a cursor that is none. */
export const cursorAdvice = "must be the next_cursor of an earlier page, unchanged";

/** What walks through a list. */
export const pageParameters: Shape<PageParameters> = {
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, "must be a whole number from 1 to 1000")
    .transform(Number)
    .default(100)
    .meta({
      description: "How many rows a page holds at most.",
      override: ({ jsonSchema }) => {
        delete jsonSchema.pattern;
        Object.assign(jsonSchema, { type: "integer", minimum: 1, maximum: 1000, default: 100 });
      },
    }),
  cursor: z
    .string()
    .regex(/^[\w-]+$/, cursorAdvice)
    .transform((text, context) => {
      const cursor = decodeCursor(text);
      if (cursor !== undefined) return cursor;
      context.addIssue(cursorAdvice);
      return z.NEVER;
    })
    .optional()
    .meta({
      description:
        "The `next_cursor` of the page before, with the same other parameters (`limit` may differ). All pages show " +
        "the record as of the first page's moment, whatever is recorded in between.",
    }),
};

/** What walks through a list of which there is no record of earlier times. */
export const currentPageParameters: Shape<PageParameters> = {
  limit: pageParameters.limit,
  cursor: pageParameters.cursor.meta({
    description:
      "The `next_cursor` of the page before, with the same other parameters (`limit` may differ). A page shows what " +
      "stands when it is asked for: what is settled between two pages is gone.",
  }),
};

const nothing = z.undefined("must be left out: this media type carries the whole range and has no pages");

/** For answers that are not in pages. */
export const noPageParameters: Shape<Readonly<Record<keyof PageParameters, undefined>>> = {
  limit: nothing,
  cursor: nothing,
};

/** How long the buckets of a series are. */
export const intervalParameter: z.ZodType<Interval> = z
  .enum(intervals, `must be one of ${intervals.join(", ")}`)
  .meta({ description: "How long a bucket is, by the calendar of `timezone`. Weeks start on Monday." });

/** The type of an event, as Stripe names it. */
export const typeParameter: z.ZodType<string | undefined> = z
  .string()
  .regex(/^[^\s*>.]+(\.[^\s*>.]+)*$/, "must be an event type, such as charge.refunded")
  .refine((type) => !type.includes("\0"), "must not have a NUL, as no type of Stripe's has")
  .max(255, "must be at most 255 characters long")
  .optional()
  .meta({ description: "Only events of this type.", example: "charge.refunded" });

/** What a gap lacks. */
export const gapKindParameter: z.ZodType<OpenGap["kind"] | undefined> = z
  .enum(["payment", "refund"], "must be payment or refund")
  .optional()
  .meta({ description: "Only missing payments, or only missing refunds. Omitted: both." });

const boundForms: { type: "string"; format: string }[] = [
  { type: "string", format: "date" },
  { type: "string", format: "date-time" },
];

function bound(description: string): z.ZodType<Bound | undefined> {
  return z
    .string()
    .transform((text, context) => {
      const parsed = parseBound(text);
      if (parsed !== undefined) return parsed;
      const hint = / \d\d:\d\d$/.test(text) ? plusHint : "";
      context.addIssue(
        `must be a date such as 2024-03-31 or an RFC 3339 instant such as 2024-03-31T12:00:00Z${hint}`,
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
    description: "The IANA time zone whose calendar cuts days, weeks and months.",
    example: "Europe/Berlin",
  });

const currency: z.ZodType<string | undefined> = z
  .string()
  .regex(/^[A-Za-z]{3}$/, "must be a currency code of three letters, such as usd")
  .transform((code) => code.toLowerCase())
  .optional()
  .meta({ description: "Only this currency: a code of three letters, in any case.", example: "usd" });

const account: z.ZodType<string | undefined> = z
  .string()
  .regex(/^(\*|[\w-]{1,255})$/, "must be an account id such as acct_1032D82eZvKYlo2C, or * for all accounts")
  .optional()
  .meta({
    description:
      "Omitted: the platform's own money. An id: that connected account's. `*`: the platform's and every account's.",
    example: "*",
  });

function livemode(fallback: boolean): z.ZodType<boolean> {
  return z
    .enum(["true", "false"], "must be true or false")
    .transform((text) => text === "true")
    .default(fallback)
    .meta({
      description: "Real money, or that of Stripe's test mode.",
      override: ({ jsonSchema }) => {
        delete jsonSchema.enum;
        Object.assign(jsonSchema, { type: "boolean", default: fallback });
      },
    });
}
