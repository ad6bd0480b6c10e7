import {
  type BookedFacts,
  type Books,
  deriveLedger,
  differenceBetween,
  groupsSharing,
  type LedgerDifference,
  type Moment,
  representativeOf,
  together,
} from "@takings/domain";
import type { ClientBase } from "pg";
import { BeginAgainError } from "./begin-again.ts";
import { beginRecording } from "./begin-recording.ts";
import { type GatheredPayments, gatherFacts, type Unreadable } from "./gather-facts.ts";
import {
  groupObjects,
  type LockedObjects,
  lockPayments,
  objectKey,
  type ObjectGroup,
  type PaymentObject,
} from "./lock-payments.ts";
import { writeGaps } from "./write-gaps.ts";
import { writeLedger } from "./write-ledger.ts";

/** Which events' facts begin to count, and which count no more. */
export type FactsChange = {
  readonly entering: readonly BookedFacts[];
  readonly leaving?: readonly BookedFacts[];
};

/**
 * Changes which events count, and the ledger with it, in the client's open transaction: it locks the payments that the
 * events speak of, lets `apply` write the events, derives the ledger of these payments before and after, and writes the
 * difference. Everything bears the time that `apply` is given: as it is taken after the locks, it is later than
 * everything that was recorded of these payments before.
 * @param spoken the facts of all events that may enter or leave.
 * @throws BeginAgainError where two payments were found to be one meanwhile.
 */
export async function changePayments(
  client: ClientBase,
  spoken: readonly BookedFacts[],
  apply: (recordedAt: Moment) => Promise<FactsChange>,
  unreadable?: Unreadable,
): Promise<LedgerDifference> {
  const groups = groupObjects(spoken);
  const known = groups.length === 0 ? nothing : await lockAndGather(client, groups, unreadable);
  const recordedAt = await beginRecording(client);
  const { entering, leaving = [] } = await apply(recordedAt);
  const difference = derivedDifference(known.facts, entering, leaving);
  await writeLedger(client, difference, recordedAt);
  await writeGaps(client, difference);
  return difference;
}

const nothing: GatheredPayments = { roots: new Map(), facts: [] };

/** The payments of these objects, locked and whole: where objects of one group belong to several, these are one now. */
export async function lockAndGather(
  client: ClientBase,
  groups: readonly ObjectGroup[],
  unreadable?: Unreadable,
): Promise<GatheredPayments> {
  const locked = await lockPayments(client, groups);
  const asked = groups.map(objectsOfGroup).filter((objects) => !objects.every((one) => isFresh(one, locked)));
  const gathered = await gatherFacts(client, asked.flat(), unreadable);
  for (const root of gathered.roots.values())
    if (!locked.all.has(objectKey(root)))
      throw new BeginAgainError(`the payment of ${root.objectId} was found to be another one`);
  await mergePayments(client, asked, gathered.roots);
  return gathered;
}

function objectsOfGroup({ account, livemode, objects }: ObjectGroup): readonly PaymentObject[] {
  return [...objects].map((objectId) => ({ account, livemode, objectId }));
}

function isFresh(object: PaymentObject, { fresh }: LockedObjects): boolean {
  return fresh.has(objectKey(object));
}

const mergeText = `
  update takings.payment_objects as object set belongs_to = merged.belongs_to
  from unnest($1::text[], $2::text[], $3::boolean[], $4::text[]) as merged (object_id, account, livemode, belongs_to)
  where (object.object_id, object.account, object.livemode) = (merged.object_id, merged.account, merged.livemode)`;

/** Where objects of one group belong to several payments, these are one from now on. */
async function mergePayments(
  client: ClientBase,
  groups: readonly (readonly PaymentObject[])[],
  roots: ReadonlyMap<string, PaymentObject>,
): Promise<void> {
  const met = groups.map((group) => {
    const of = group.flatMap((object) => roots.get(objectKey(object)) ?? []);
    return new Map(of.map((root) => [objectKey(root), root]));
  });
  const merged = groupsSharing(met, (of) => of.keys()).flatMap(({ items }) => {
    const all = [...new Map(items.flatMap((of) => [...of])).values()];
    const belongsTo = representativeOf(all.map(({ objectId }) => objectId));
    return all.filter(({ objectId }) => objectId !== belongsTo).map((root) => ({ ...root, belongsTo }));
  });
  if (merged.length === 0) return;
  await client.query(mergeText, [
    merged.map(({ objectId }) => objectId),
    merged.map(({ account }) => account ?? ""),
    merged.map(({ livemode }) => livemode),
    merged.map(({ belongsTo }) => belongsTo),
  ]);
}

function derivedDifference(
  known: readonly BookedFacts[],
  entering: readonly BookedFacts[],
  leaving: readonly BookedFacts[],
): LedgerDifference {
  const gone = new Set(leaving.map(keyOfFacts));
  const after = [...known.filter((one) => !gone.has(keyOfFacts(one))), ...entering];
  const [before, present] = [byBooks(known), byBooks(after)];
  const books = new Map(
    [...before, ...present].map(([key, { account, livemode }]) => [key, { account, livemode }]),
  );
  return together(
    [...books].map(([key, of]) =>
      differenceBetween(
        deriveLedger(before.get(key)?.facts ?? []),
        deriveLedger(present.get(key)?.facts ?? []),
        of,
      ),
    ),
  );
}

type FactsOfBooks = Books & { readonly facts: readonly BookedFacts["facts"][] };

/** Facts by the books that they are in. */
export function byBooks(all: readonly BookedFacts[]): ReadonlyMap<string, FactsOfBooks> {
  const grouped = Map.groupBy(all, ({ account, livemode }) => `${livemode} ${account ?? ""}`);
  return new Map(
    [...grouped].flatMap(([key, of]) =>
      of[0] === undefined
        ? []
        : [
            [
              key,
              { account: of[0].account, livemode: of[0].livemode, facts: of.map(({ facts }) => facts) },
            ] as const,
          ],
    ),
  );
}

function keyOfFacts({ facts, account, livemode }: BookedFacts): string {
  return `${facts.eventId} ${livemode} ${account ?? ""}`;
}
