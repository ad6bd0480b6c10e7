import { representativeOf } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { ancestorsText, objectColumns, objectKey, scopeOf } from "./payment-objects.ts";
import { type ObjectGroup, objectsOfGroup } from "./scoped-facts.ts";

/** What is locked until the client's transaction ends. */
export type LockedObjects = {
  /** {@link objectKey Keys} of all locked objects: the requested ones, and those on the paths to the roots. */
  readonly all: ReadonlySet<string>;
  /** Keys of those that are new. */
  readonly fresh: ReadonlySet<string>;
};

// Always in the same order, so that two transactions that lock some of the same objects wait for each other and do not
// deadlock. The update locks the existing row; `where false` leaves it unchanged.
const lockText = `
  with recursive ${ancestorsText},
  wanted as (
    select object_id, source, account, livemode, min(belongs_to) as belongs_to
    from (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[])
        as incoming (object_id, source, account, livemode, belongs_to)
      union all
      select object_id, source, account, livemode, belongs_to from ancestor
    ) as object
    group by object_id, source, account, livemode
  ),
  inserted as (
    insert into takings.payment_objects as object (object_id, source, account, livemode, belongs_to)
    select * from wanted order by object_id, source, account, livemode
    on conflict (object_id, source, account, livemode) do update set belongs_to = object.belongs_to where false
    returning object_id, source, account, livemode
  )
  select object_id, source, account, livemode, inserted.object_id is not null as is_fresh
  from wanted left join inserted using (object_id, source, account, livemode)`;

const objectRow = z.object({
  object_id: z.string(),
  source: z.string(),
  account: z.string(),
  livemode: z.boolean(),
});
const lockedRow = objectRow.extend({ is_fresh: z.boolean() });

/**
 * Locks the objects of payments until the client's open transaction ends, so that no other transaction writes the
 * entries of these payments meanwhile. Inserts the objects that are new.
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
    text: lockText,
    values: [...objectColumns(objects), objects.map(({ belongsTo }) => belongsTo)],
  });
  const locked = rows.map((one) => {
    const { object_id: objectId, is_fresh: isFresh, ...place } = lockedRow.parse(one);
    return { key: objectKey({ ...scopeOf(place), objectId }), isFresh };
  });
  return {
    all: new Set(locked.map(({ key }) => key)),
    fresh: new Set(locked.filter(({ isFresh }) => isFresh).map(({ key }) => key)),
  };
}

// Objects that another transaction has inserted and not committed are not seen here.
const tryLockText = `
  with recursive ${ancestorsText}
  select distinct ancestor.asked as object_id, ancestor.source, ancestor.account, ancestor.livemode
  from ancestor left join lateral (
    select true as is_ours from takings.payment_objects as object
    where object.object_id = ancestor.object_id and object.source = ancestor.source
      and object.account = ancestor.account and object.livemode = ancestor.livemode
    for update skip locked
  ) as locked on true
  where is_ours is null`;

/**
 * Locks objects and those on the paths to their roots, without waiting. Returns the {@link objectKey keys} of the objects
 * that could not be locked, because another transaction holds a row of their payment.
 */
export async function tryLockPayments(
  client: ClientBase,
  groups: readonly ObjectGroup[],
): Promise<ReadonlySet<string>> {
  if (groups.length === 0) return new Set();
  const { rows } = await client.query<Record<string, unknown>>({
    name: "held-objects",
    text: tryLockText,
    values: objectColumns(groups.flatMap(objectsOfGroup)),
  });
  return new Set(
    rows.map((one) => {
      const { object_id: objectId, ...place } = objectRow.parse(one);
      return objectKey({ ...scopeOf(place), objectId });
    }),
  );
}
