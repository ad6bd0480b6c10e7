import { z } from "zod";
import { type Entry, entry } from "./entry.ts";
import { type Money, money } from "./money.ts";

const changeKinds = ["added", "removed", "moved_in", "moved_out", "amended"] as const;
/** What happened to an entry, seen from the range and filter of the query. */
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
/** Why an entry changed. */
export type Reason = (typeof reasons)[number];

const figures = ["gross", "refunded", "disputed"] as const;
/** The figure of a total that an entry is part of. */
export type Figure = (typeof figures)[number];

/** A change of one entry, and its effect on the totals of its currency. */
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

/** Schema of {@link Change}. */
export const change: z.ZodType<Change> = z
  .object({
    entry_id: z.string(),
    change: z.enum(changeKinds).meta({
      description:
        "`added`: the entry is new. `removed`: the entry no longer exists. `moved_in`, `moved_out`: it entered or " +
        "left the range or currency of the query. `amended`: it changed within that range and currency.",
    }),
    why: z.enum(reasons).meta({
      description:
        "`late_event`: a payment from before `since` that was recorded after it. `new_event`: a payment from after " +
        "`since`. `refund`, `dispute`: money was refunded or withdrawn. `reversal`: a refund failed, or disputed " +
        "money was reinstated. `earlier_event`: an earlier event arrived and replaced the source event of the entry. " +
        "`correction`: the source event is the same, and a field was filled in or corrected.",
    }),
    recorded_at: z.string().meta({ format: "date-time" }),
    currency: z.string(),
    figure: z.enum(figures).meta({ description: "The figure of the total that the entry is part of." }),
    effect: money.meta({
      description:
        "What the change added to `net`. It added the same amount to `figure` where that is `gross`, and the " +
        "opposite amount where that is `refunded` or `disputed`, which are shown as positive.",
    }),
    before: entry.nullable(),
    after: entry.nullable(),
  })
  .meta({
    id: "Change",
    description: "A change of one entry, and its effect on the totals of its currency.",
  });
