import type { ClientBase } from "pg";
import { z } from "zod";
import { type ObjectGroup, objectsOfGroup } from "./object-groups.ts";
import { booksOf, objectColumns, objectKey } from "./payment-object.ts";

// `offset 0`: see gather-facts.ts. What another transaction has made and not committed is not seen here.
const text = `
  with recursive known as (
    select known.object_id as asked, known.*
    from unnest($1::text[], $2::text[], $3::boolean[]) as asked (object_id, account, livemode)
    cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as known
      where known.object_id = asked.object_id and known.account = asked.account and known.livemode = asked.livemode
      offset 0
    ) as known
    union
    select known.asked, nearer.*
    from known cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as nearer
      where nearer.object_id = known.belongs_to and nearer.account = known.account and nearer.livemode = known.livemode
      offset 0
    ) as nearer
    where known.belongs_to <> known.object_id
  )
  select distinct known.asked as object_id, known.account, known.livemode
  from known left join lateral (
    select true as is_ours from takings.payment_objects as object
    where object.object_id = known.object_id and object.account = known.account and object.livemode = known.livemode
    for update skip locked
  ) as locked on true
  where is_ours is null`;

const row = z.object({
  object_id: z.string(),
  account: z.string(),
  livemode: z.boolean(),
});

/**
 * Locks objects with all that leads from them to their payments, without waiting, and tells the {@link objectKey keys} of
 * those for which that was not possible, because another transaction holds something of it.
 */
export async function lockWithoutWaiting(
  client: ClientBase,
  groups: readonly ObjectGroup[],
): Promise<ReadonlySet<string>> {
  if (groups.length === 0) return new Set();
  const { rows } = await client.query<Record<string, unknown>>({
    name: "held-objects",
    text,
    values: objectColumns(groups.flatMap(objectsOfGroup)),
  });
  return new Set(
    rows.map((one) => {
      const { object_id: objectId, ...place } = row.parse(one);
      return objectKey({ ...booksOf(place), objectId });
    }),
  );
}
