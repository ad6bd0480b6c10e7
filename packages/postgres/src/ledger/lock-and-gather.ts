import { connectedGroups, representativeOf } from "@takings/domain";
import type { ClientBase } from "pg";
import { RestartTransactionError } from "../session/restart-transaction.ts";
import { type GatheredPayments, gatherFacts } from "./gather-facts.ts";
import { type LockedObjects, lockPayments } from "./lock-payments.ts";
import { type ObjectGroup, objectsOfGroup } from "./scoped-facts.ts";
import { objectColumns, objectKey, type PaymentObject } from "./payment-objects.ts";

/**
 * Locks the payments of these objects and reads them completely. Where the objects of one group belong to several
 * payments, it merges these.
 * @throws RestartTransactionError when a payment was merged into another one before it was locked.
 */
export async function lockAndGather(
  client: ClientBase,
  groups: readonly ObjectGroup[],
): Promise<GatheredPayments> {
  const locked = await lockPayments(client, groups);
  const asked = groups.map(objectsOfGroup).filter((objects) => !objects.every((one) => isFresh(one, locked)));
  const gathered = await gatherFacts(client, asked.flat());
  for (const root of gathered.roots.values())
    if (!locked.all.has(objectKey(root)))
      throw new RestartTransactionError(`the payment of ${root.objectId} was merged into another one`);
  await mergePayments(client, asked, gathered.roots);
  return gathered;
}

function isFresh(object: PaymentObject, { fresh }: LockedObjects): boolean {
  return fresh.has(objectKey(object));
}

const mergeText = `
  update takings.payment_objects as object set belongs_to = merged.belongs_to
  from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[])
    as merged (object_id, source, account, livemode, belongs_to)
  where (object.object_id, object.source, object.account, object.livemode)
    = (merged.object_id, merged.source, merged.account, merged.livemode)`;

/** Merges payments where the objects of one group belong to several. */
async function mergePayments(
  client: ClientBase,
  groups: readonly (readonly PaymentObject[])[],
  roots: ReadonlyMap<string, PaymentObject>,
): Promise<void> {
  const rootsOfGroups = groups.map((group) => {
    const of = group.flatMap((object) => roots.get(objectKey(object)) ?? []);
    return new Map(of.map((root) => [objectKey(root), root]));
  });
  const merged = connectedGroups(rootsOfGroups, (of) => of.keys()).flatMap(({ items }) => {
    const all = [...new Map(items.flatMap((of) => [...of])).values()];
    const belongsTo = representativeOf(all.map(({ objectId }) => objectId));
    return all.filter(({ objectId }) => objectId !== belongsTo).map((root) => ({ ...root, belongsTo }));
  });
  if (merged.length === 0) return;
  await client.query(mergeText, [...objectColumns(merged), merged.map(({ belongsTo }) => belongsTo)]);
}
