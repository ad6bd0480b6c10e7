import { type DerivedEntry, type DerivedLedger, deriveLedger, type EventFacts } from "@takings/domain";

/** Facts that a payment lacks, and how its ledger would change with them; no changes if they only close a gap. */
export type MissingFacts = { readonly facts: EventFacts; readonly changes: readonly string[] };

/**
 * Finds the facts in Stripe's objects that would change the ledger of a payment or close a gap, each in addition to those
 * before it. Facts that only have an effect together are all missing.
 */
export function findMissingFacts(
  known: readonly EventFacts[],
  stated: readonly EventFacts[],
): readonly MissingFacts[] {
  const missing: MissingFacts[] = [];
  const left: EventFacts[] = [];
  const present = [...known];
  let ledger = deriveLedger(present);
  for (const facts of stated) {
    const next = deriveLedger([...present, facts]);
    const changes = changesBetween(ledger, next);
    if (changes.length === 0 && !closesGap(ledger, next)) {
      left.push(facts);
      continue;
    }
    missing.push({ facts, changes });
    present.push(facts);
    ledger = next;
  }
  const whole = deriveLedger([...present, ...left]);
  const changes = changesBetween(ledger, whole);
  if (changes.length === 0) return missing;
  // Of two refunds made at the same time, one may be the rest of a partial capture; only both together show which one.
  const sourceEventIds = new Set(whole.entries.map(({ sourceEvent }) => sourceEvent.eventId));
  const [reporter = left[0]] = left.filter(({ eventId }) => sourceEventIds.has(eventId));
  return [...missing, ...left.map((facts) => ({ facts, changes: facts === reporter ? changes : [] }))];
}

/**
 * How the amounts of two ledgers of the same payment differ. Equal sums of the same kind are equal, whichever events or
 * objects they come from.
 */
function changesBetween(before: DerivedLedger, after: DerivedLedger): readonly string[] {
  const [old, present] = [sumsOf(before.entries), sumsOf(after.entries)];
  const isMoved = ({ kind, currency }: DerivedEntry): boolean =>
    old.get(`${kind} ${currency}`) !== present.get(`${kind} ${currency}`);
  const [oldEntries, newEntries] = [before, after].map(
    ({ entries }) => new Map(entries.filter(isMoved).map((entry) => [textOf(entry), entry])),
  );
  const put = [...(newEntries ?? [])].filter(([text]) => oldEntries?.has(text) !== true);
  const gone = [...(oldEntries ?? [])].filter(([text]) => newEntries?.has(text) !== true);
  return [
    ...put.map(([, entry]) => `${describeEntry(entry)} is not in the ledger`),
    ...gone.map(([, entry]) => `${describeEntry(entry)} is in the ledger, but should not be`),
  ];
}

/** Whether a gap is closed or smaller. A refund that does not count explains a gap, too. */
function closesGap(before: DerivedLedger, after: DerivedLedger): boolean {
  const gaps = new Map(after.gaps.map((gap) => [`${gap.kind} ${gap.objectId}`, gap.amount]));
  return before.gaps.some(({ kind, objectId, amount }) => (gaps.get(`${kind} ${objectId}`) ?? 0n) < amount);
}

function sumsOf(entries: readonly DerivedEntry[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { kind, currency, amount } of entries) {
    const key = `${kind} ${currency}`;
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  }
  return sums;
}

/** The key and the amount of an entry. */
function textOf({ kind, objectId, keyEvent = "", amount, currency }: DerivedEntry): string {
  return [kind, objectId, keyEvent, amount, currency].join(" ");
}

/** Describes an entry for people. */
export function describeEntry({ kind, amount, currency }: DerivedEntry): string {
  return `${kind} of ${amount} ${currency}`;
}
