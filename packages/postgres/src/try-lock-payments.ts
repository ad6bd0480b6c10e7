import type { ClientBase } from "pg";
import { z } from "zod";
import { ancestorsText } from "./ancestor-objects.ts";
import { type ObjectGroup, objectsOfGroup } from "./object-groups.ts";
import { scopeOf, objectColumns, objectKey } from "./payment-object.ts";

// What another transaction has made and not committed is not seen here.
const text = `
  with recursive ${ancestorsText}
  select distinct ancestor.asked as object_id, ancestor.account, ancestor.livemode
  from ancestor left join lateral (
    select true as is_ours from takings.payment_objects as object
    where object.object_id = ancestor.object_id and object.account = ancestor.account and object.livemode = ancestor.livemode
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
export async function tryLockPayments(
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
      return objectKey({ ...scopeOf(place), objectId });
    }),
  );
}
