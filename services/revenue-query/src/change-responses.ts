import { z } from "zod";
import { type Entry, entry, type Heading, heading, type Money, money, nextCursor } from "./responses.ts";

const changeKinds = ["added", "removed", "moved_in", "moved_out", "amended"] as const;
/** What became of an entry, as seen from the range and filter that were asked for. */
export type ChangeKind = (typeof changeKinds)[number];

const reasons = [
  "late_event",
  "new_event",
  "refund",
  "dispute",
  "reversal",
  "earlier_event",
  "correction",
] as const;
/** What made an entry change. */
export type Reason = (typeof reasons)[number];

const figures = ["gross", "refunded", "disputed"] as const;
/** The figure of a total that an entry is part of. */
export type Figure = (typeof figures)[number];

/** A change of one entry, and what it does to the totals of its currency. */
export type Change = {
  readonly entry_id: string;
  readonly change: ChangeKind;
  readonly why: Reason;
  readonly recorded_at: string;
  readonly currency: string;
  readonly figure: Figure;
  readonly effect: Money;
  readonly before: Entry | null;
  readonly after: Entry | null;
};

/** The answer of `GET /v1/revenue/changes`. */
export type ChangesResponse = Heading & {
  readonly since: string;
  readonly changes: readonly Change[];
  readonly next_cursor: string | null;
};

const change: z.ZodType<Change> = z
  .object({
    entry_id: z.string(),
    change: z.enum(changeKinds).meta({
      description:
        "`added`, `removed`: the entry was not there before, is not there any more. `moved_in`, `moved_out`: it came " +
        "into the range or currency that was asked for, or left it. `amended`: it changed within.",
    }),
    why: z.enum(reasons).meta({
      description:
        "`late_event`: a payment of before `since` that was recorded after it. `new_event`: a payment of after " +
        "`since`. `refund`, `dispute`: money was given back, or withdrawn. `reversal`: a refund failed, or a dispute " +
        "gave back. `earlier_event`: an event came that is earlier than the one that had decided the entry, and so " +
        "decides it now. `correction`: the same event decides as before, and a field was filled in or set right.",
    }),
    recorded_at: z.string().meta({ format: "date-time" }),
    currency: z.string(),
    figure: z.enum(figures).meta({ description: "The figure that the entry is part of." }),
    effect: money.meta({
      description:
        "What the change added to `net`. To `figure` it added the same where that is `gross`, and the opposite " +
        "where it is `refunded` or `disputed`, which are shown as positive.",
    }),
    before: entry.nullable(),
    after: entry.nullable(),
  })
  .meta({
    id: "Change",
    description: "A change of one entry, and what it does to the totals of its currency.",
  });

/** Schema of {@link ChangesResponse}. */
export const changesResponse: z.ZodType<ChangesResponse> = z
  .object({
    ...heading,
    since: z.string().meta({ format: "date-time" }),
    changes: z.array(change),
    next_cursor: nextCursor,
  })
  .meta({ id: "Changes" });
