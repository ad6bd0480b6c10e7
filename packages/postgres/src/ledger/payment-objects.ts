import type { LedgerScope } from "@takings/domain";

/** A PaymentIntent, charge, refund or dispute in its scope: the key of a row of `takings.payment_objects`. */
export type PaymentObject = LedgerScope & { readonly objectId: string };

/** Identifies a scope. */
export function scopeKey({ source, account, livemode }: LedgerScope): string {
  return `${livemode} ${source} ${account ?? ""}`;
}

/** Identifies an object across all scopes. */
export function objectKey({ objectId, ...scope }: PaymentObject): string {
  return `${objectId} ${scopeKey(scope)}`;
}

/** The scope of a row; in rows the platform's account is the empty string. */
export function scopeOf({
  source,
  account,
  livemode,
}: {
  readonly source: string;
  readonly account: string;
  readonly livemode: boolean;
}): LedgerScope {
  return { source, account: account === "" ? null : account, livemode };
}

/**
 * Objects as four parameters of a statement: their ids, their sources, their accounts (empty for the platform) and their
 * modes.
 */
export function objectColumns(objects: readonly PaymentObject[]): [string[], string[], string[], boolean[]] {
  return [
    objects.map(({ objectId }) => objectId),
    objects.map(({ source }) => source),
    objects.map(({ account }) => account ?? ""),
    objects.map(({ livemode }) => livemode),
  ];
}

// Each step finds its objects one by one in an index, which is what `offset 0` enforces. The planner cannot know how few
// they are, and would read whole tables.
/**
 * The table expression `ancestor` of a `with recursive`: for each requested object ({@link objectColumns} as `$1` to
 * `$4`) its own row and those on the path to the root of its payment.
 */
export const ancestorsText = `
  ancestor as (
    select known.object_id as asked, known.*
    from unnest($1::text[], $2::text[], $3::text[], $4::boolean[])
      as asked (object_id, source, account, livemode)
    cross join lateral (
      select object_id, source, account, livemode, belongs_to from takings.payment_objects as known
      where known.object_id = asked.object_id and known.source = asked.source and known.account = asked.account
        and known.livemode = asked.livemode
      offset 0
    ) as known
    union
    select ancestor.asked, next.*
    from ancestor cross join lateral (
      select object_id, source, account, livemode, belongs_to from takings.payment_objects as next
      where next.object_id = ancestor.belongs_to and next.source = ancestor.source
        and next.account = ancestor.account and next.livemode = ancestor.livemode
      offset 0
    ) as next
    where ancestor.belongs_to <> ancestor.object_id
  )`;
