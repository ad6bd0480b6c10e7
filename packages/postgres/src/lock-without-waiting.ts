import type { ClientBase } from "pg";
import { z } from "zod";
import { nearerText } from "./nearer-objects.ts";
import { type ObjectGroup, objectsOfGroup } from "./object-groups.ts";
import { booksOf, objectColumns, objectKey } from "./payment-object.ts";

// What another transaction has made and not committed is not seen here.
const text = `
  with recursive ${nearerText}
  select distinct nearer.asked as object_id, nearer.account, nearer.livemode
  from nearer left join lateral (
    select true as is_ours from takings.payment_objects as object
    where object.object_id = nearer.object_id and object.account = nearer.account and object.livemode = nearer.livemode
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
