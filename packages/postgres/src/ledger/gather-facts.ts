import type { ScopedFacts } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { readableFacts } from "../columns/facts-column.ts";
import { ancestorsText, objectColumns, objectKey, type PaymentObject, scopeOf } from "./payment-objects.ts";

/** What is stored about some payments. */
export type GatheredPayments = {
  /** The root of the payment of each requested object, by the {@link objectKey key} of the object. */
  readonly roots: ReadonlyMap<string, PaymentObject>;
  /** The facts of all events about these payments, each once. */
  readonly facts: readonly ScopedFacts[];
};

/** From objects to the roots of their payments. */
const rootsText = `
  recursive ${ancestorsText},
  root as (
    select asked, object_id, source, account, livemode from ancestor where belongs_to = object_id
  )`;

/** From roots to all objects of their payments. */
const membersText = `
  member as (
    select distinct object_id, source, account, livemode from root
    union
    select further.object_id, further.source, further.account, further.livemode
    from member cross join lateral (
      select * from takings.payment_objects as further
      where further.belongs_to = member.object_id and further.source = member.source
        and further.account = member.account and further.livemode = member.livemode
        and further.belongs_to <> further.object_id
      offset 0
    ) as further
  )`;

const text = `
  with ${rootsText}, ${membersText}
  select object_id, source, account, livemode, asked, null as event_id, null as type, null as created,
    null as own_id, null as facts
  from root
  union all
  select member.object_id, member.source, member.account, member.livemode, null, event.*
  from member cross join lateral (
    select event_id, type, created, events.object_id, facts from takings.events
    where payment_object = member.object_id and events.source = member.source
      and coalesce(events.account, '') = member.account and events.livemode = member.livemode
      and facts is not null
    offset 0
  ) as event`;

const rootText = `with ${rootsText} select * from root`;

const place = { object_id: z.string(), source: z.string(), account: z.string(), livemode: z.boolean() };
const rootRow = z.object({ ...place, asked: z.string() });
const row = z.union([
  rootRow,
  z.object({
    ...place,
    asked: z.null(),
    event_id: z.string(),
    type: z.string(),
    created: z.date(),
    own_id: z.string().nullable(),
    facts: z.unknown(),
  }),
]);

/** The root of the payment of each object that is stored, by the {@link objectKey key} of the object. */
export async function readRoots(
  client: ClientBase,
  objects: readonly PaymentObject[],
): Promise<GatheredPayments["roots"]> {
  const { rows } = await client.query(rootText, objectColumns(objects));
  return new Map(
    rows.map((one) => {
      const { asked, object_id: objectId, ...of } = rootRow.parse(one);
      const scope = scopeOf(of);
      return [objectKey({ ...scope, objectId: asked }), { ...scope, objectId }];
    }),
  );
}

/** Reads what is stored about the payments that these objects belong to. */
export async function gatherFacts(
  client: ClientBase,
  objects: readonly PaymentObject[],
): Promise<GatheredPayments> {
  if (objects.length === 0) return { roots: new Map(), facts: [] };
  const { rows } = await client.query<Record<string, unknown>>({
    name: "gather-facts",
    text,
    values: objectColumns(objects),
  });
  const roots = new Map<string, PaymentObject>();
  const gathered: ScopedFacts[] = [];
  for (const found of rows.map((one) => row.parse(one))) {
    const scope = scopeOf(found);
    if (found.asked !== null) {
      const root = { ...scope, objectId: found.object_id };
      roots.set(objectKey({ ...scope, objectId: found.asked }), root);
      continue;
    }
    const { event_id: eventId, type, created, own_id: objectId } = found;
    const facts = readableFacts(found.facts, { eventId, type, created, objectId });
    if (facts !== undefined) gathered.push({ ...scope, facts });
  }
  return { roots, facts: gathered };
}
