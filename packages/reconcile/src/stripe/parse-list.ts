import { type ReconcileStage, TakingsError } from "@takings/domain";
import { z } from "zod";

/** An object that Stripe lists. Only these two fields are validated; all others are unchanged. */
export type Listed = Readonly<Record<string, unknown>> & { readonly id: string; readonly created: number };

/** A page of one of Stripe's lists, newest first. */
export type List = { readonly data: readonly Listed[]; readonly hasMore: boolean };

/**
 * Parses a page of objects of one kind.
 * @throws TakingsError `invalid` naming what is malformed: a list counts as finished only if its `has_more` is false.
 */
export function parseList(stage: ReconcileStage, response: unknown): List {
  const item = z.looseObject({
    id: z.string().regex(/^\w{1,200}$/),
    object: z.literal(stage),
    created: z.int().min(0),
  });
  const list = z.object({ object: z.literal("list").optional(), data: z.array(item), has_more: z.boolean() });
  const { success, data: page, error } = list.safeParse(response);
  if (!success) {
    const [issue] = error.issues;
    throw malformedList(
      stage,
      `is malformed at ${issue?.path.join(".") || "its top level"}: ${issue?.message}`,
    );
  }
  if (page.has_more && page.data.length === 0) {
    throw malformedList(stage, "has an empty page although more should follow");
  }
  return { data: page.data, hasMore: page.has_more };
}

/** A list that the ledger cannot be compared with. */
export function malformedList(stage: ReconcileStage, problem: string): TakingsError {
  const advice =
    "nothing is recorded as complete; check that STRIPE_API_URL is Stripe's API and that no proxy alters responses";
  return new TakingsError("invalid", `Stripe's list of ${stage}s ${problem}: ${advice}`);
}
