import { representativeOf } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { type ObjectGroup, objectsOfGroup } from "./object-groups.ts";
import { booksOf, objectColumns, objectKey } from "./payment-object.ts";

/** What is locked until the client's transaction ends. */
export type LockedObjects = {
  /** {@link objectKey keys} of all that is locked: the objects, and those that lead from them to their payment. */
  readonly all: ReadonlySet<string>;
  /** Keys of those that were not known before. */
  readonly fresh: ReadonlySet<string>;
};

// All in one order, so that two who lock some of the same objects wait for each other and do not meet head-on. That an
// update is asked for locks the row that is there; that it never takes place leaves it as it is. `offset 0`: see
// gather-facts.ts.
const text = `
  with recursive incoming as (
    select * from unnest($1::text[], $2::text[], $3::boolean[], $4::text[])
      as object (object_id, account, livemode, belongs_to)
  ),
  known as (
    select known.*
    from incoming cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as known
      where known.object_id = incoming.object_id and known.account = incoming.account
        and known.livemode = incoming.livemode
      offset 0
    ) as known
    union
    select nearer.*
    from known cross join lateral (
      select object_id, account, livemode, belongs_to from takings.payment_objects as nearer
      where nearer.object_id = known.belongs_to and nearer.account = known.account and nearer.livemode = known.livemode
      offset 0
    ) as nearer
    where known.belongs_to <> known.object_id
  ),
  wanted as (
    select object_id, account, livemode, min(belongs_to) as belongs_to
    from (select * from incoming union all select * from known) as object
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
    return { key: objectKey({ ...booksOf(place), objectId }), isFresh };
  });
  return {
    all: new Set(locked.map(({ key }) => key)),
    fresh: new Set(locked.filter(({ isFresh }) => isFresh).map(({ key }) => key)),
  };
}
