import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { parseMoment, plusHint, resolveBound } from "./range.ts";
import type { Shape } from "./shape.ts";

/** The time to read the ledger as of. */
export type AsRecordedAt = { readonly as_recorded_at: Temporal.Instant | undefined };

/** An instant of recorded time, as opposed to the time at which money moved. */
const recordedInstant: z.ZodType<Temporal.Instant, string> = z
  .string("is required")
  .transform((text, context) => {
    const parsed = parseMoment(text);
    const resolved = parsed && resolveBound(parsed, "UTC");
    if (resolved !== undefined) return resolved;
    context.addIssue(
      `must be an RFC 3339 instant such as 2024-03-31T12:00:00Z, within the years 0001 to 9999${plusHint(text)}`,
    );
    return z.NEVER;
  });

const instantForm: { type: "string"; format: string } = { type: "string", format: "date-time" };

/** `as_recorded_at`: the ledger as it was recorded at an earlier time. */
export const asRecordedAt: Shape<AsRecordedAt> = {
  as_recorded_at: recordedInstant.optional().meta({
    description:
      "Reads the ledger as it was recorded at this instant: anything recorded later is left out, so the result " +
      "never changes. The `as_of` of an earlier response returns that response again. Omitted: the latest possible " +
      "instant.",
    override: instantForm,
  }),
};

/** `since`: the start of the period whose changes are listed. */
export const sinceParameter: z.ZodType<Temporal.Instant> = recordedInstant.meta({
  description: "Lists changes recorded after this instant, such as the `as_of` of an earlier response.",
  override: instantForm,
});
