import { representativeOf } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { ancestorsText } from "./ancestor-objects.ts";
import { type ObjectGroup, objectsOfGroup } from "./object-groups.ts";
import { scopeOf, objectColumns, objectKey } from "./payment-object.ts";

/** What is locked until the client's transaction ends. */
export type LockedObjects = {
  /** {@link objectKey keys} of all that is locked: the objects, and those that lead from them to their payment. */
  readonly all: ReadonlySet<string>;
  /** Keys of those that were not known before. */
  readonly fresh: ReadonlySet<string>;
};

// All in one order, so that two who lock some of the same objects wait for each other and do not meet head-on. That an
// update is asked for locks the row that is there; that it never takes place leaves it as it is.
const text = `
  with recursive ${ancestorsText},
  wanted as (
    select object_id, account, livemode, min(belongs_to) as belongs_to
    from (
      select * from unnest($1::text[], $2::text[], $3::boolean[], $4::text[])
        as incoming (object_id, account, livemode, belongs_to)
      union all
      select object_id, account, livemode, belongs_to from ancestor
    ) as object
    group by object_id, account, livemode
  ),
  inserted as (
    insert into takings.payment_objects as object (object_id, account, livemode, belongs_to)
    select * from wanted order by object_id, account, livemode
    on conflict (object_id, account, livemode) do update set belongs_to = object.belongs_to where false
    returning object_id, account, livemode
  )
  select object_id, account, livemode, inserted.object_id is not null as is_fresh
  from wanted left join inserted using (object_id, account, livemode)`;

const row = z.object({
  object_id: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  is_fresh: z.boolean(),
});

/**
 * Locks the objects of payments until the client's open transaction ends, so that nobody else writes the entries of these
 * payments meanwhile. Objects that were not known before are known from then on.
 */
export async function lockPayments(
  client: ClientBase,
  groups: readonly ObjectGroup[],
): Promise<LockedObjects> {
  const objects = groups.flatMap((group) => {
    const belongsTo = representativeOf(group.objects);
    return objectsOfGroup(group).map((object) => ({ ...object, belongsTo }));
  });
  const { rows } = await client.query<Record<string, unknown>>({
    name: "lock-payments",
    text,
    values: [...objectColumns(objects), objects.map(({ belongsTo }) => belongsTo)],
  });
  const locked = rows.map((one) => {
    const { object_id: objectId, is_fresh: isFresh, ...place } = row.parse(one);
    return { key: objectKey({ ...scopeOf(place), objectId }), isFresh };
  });
  return {
    all: new Set(locked.map(({ key }) => key)),
    fresh: new Set(locked.filter(({ isFresh }) => isFresh).map(({ key }) => key)),
  };
}
