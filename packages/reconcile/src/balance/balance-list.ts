import { TakingsError } from "@takings/domain";
import { z } from "zod";

/** Stripe's names of what is listed. */
export type BalanceObjectName = "balance_transaction" | "payout";

/** An object as it was listed. Nothing about it is certain, not even its id: the consumer decides what it means. */
export type ListedObject = {
  readonly object: Readonly<Record<string, unknown>>;
  /** `undefined` where it is missing or malformed. */
  readonly id: string | undefined;
  /** Unix seconds; `undefined` where it is missing or malformed. */
  readonly created: number | undefined;
};

/** A page of one of the lists, newest first. */
export type BalanceList = {
  readonly items: readonly ListedObject[];
  /** The cursor of the next page; `undefined` on the last page. */
  readonly next: string | undefined;
};

const id = z.string().regex(/^\w{1,200}$/);
const created = z.int().min(0);

/**
 * Parses a page.
 * @throws TakingsError `invalid` naming what is malformed: a list counts as finished only if its `has_more` is false. A
 * malformed object in it is no error as long as the next page can be asked for.
 */
export function parseBalanceList(name: BalanceObjectName, response: unknown): BalanceList {
  const item = z.looseObject({ object: z.literal(name).optional() });
  const list = z.object({ object: z.literal("list").optional(), data: z.array(item), has_more: z.boolean() });
  const { success, data: page, error } = list.safeParse(response);
  if (!success) {
    const [issue] = error.issues;
    throw malformedList(
      name,
      `is malformed at ${issue?.path.join(".") || "its top level"}: ${issue?.message}`,
    );
  }
  const items = page.data.map((object) => ({
    object,
    id: id.safeParse(object["id"]).data,
    created: created.safeParse(object["created"]).data,
  }));
  const next = items.findLast((one) => one.id !== undefined)?.id;
  if (page.has_more && next === undefined)
    throw malformedList(name, "has a page without any id although more should follow");
  return { items, next: page.has_more ? next : undefined };
}

/** A list that cannot be Stripe's. */
export function malformedList(name: BalanceObjectName, problem: string): TakingsError {
  const advice =
    "nothing is recorded as complete; check that STRIPE_API_URL is Stripe's API and that no proxy alters responses";
  return new TakingsError("invalid", `Stripe's list of ${name}s ${problem}: ${advice}`);
}
