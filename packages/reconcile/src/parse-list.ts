import { type ReconcileStage, TakingsError } from "@takings/domain";
import { z } from "zod";

/** An item of a list of Stripe's; everything but these two is still as it came. */
export type Listed = Readonly<Record<string, unknown>> & { readonly id: string; readonly created: number };

/** A page of a list of Stripe's: newest first. */
export type List = { readonly data: readonly Listed[]; readonly hasMore: boolean };

/**
 * Reads a page of the things of one kind.
 * @throws TakingsError `invalid` in words for what is no such page: nothing may be taken for a list that has come to
 * its end unless it says so.
 */
export function parseList(stage: ReconcileStage, answer: unknown): List {
  const item = z.looseObject({
    id: z.string().regex(/^\w{1,200}$/),
    object: z.literal(stage),
    created: z.int().min(0),
  });
  const list = z.object({ object: z.literal("list").optional(), data: z.array(item), has_more: z.boolean() });
  const { success, data: page, error } = list.safeParse(answer);
  if (!success) {
    const [issue] = error.issues;
    throw malformedList(stage, `is malformed at ${issue?.path.join(".") || "its top"}: ${issue?.message}`);
  }
  if (page.has_more && page.data.length === 0) {
    throw malformedList(stage, "says that there is more after a page with nothing on it");
  }
  return { data: page.data, hasMore: page.has_more };
}

/** A list with which the scope cannot be compared. */
export function malformedList(stage: ReconcileStage, what: string): TakingsError {
  const advice =
    "nothing is taken as complete; see that STRIPE_API_URL is Stripe's API and what lies in between changes nothing";
  return new TakingsError("invalid", `the list of ${stage}s at Stripe ${what}: ${advice}`);
}
