import { type DerivedEntry, type DerivedLedger, deriveLedger, type EventFacts } from "@takings/domain";

/** Facts that a payment lacks, and what money would change with them, in words: none where they only close a gap. */
export type MissingFacts = { readonly facts: EventFacts; readonly changes: readonly string[] };

/**
 * Which of the facts that Stripe's objects state would move money, or close a gap, if they were known of a payment: each
 * on top of those before it. Facts that matter only together are all missing.
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
  // One of two refunds made at once may be what a partial capture left: which one, only both together tell.
  const sourceEventIds = new Set(whole.entries.map(({ sourceEvent }) => sourceEvent.eventId));
  const [reporter = left[0]] = left.filter(({ eventId }) => sourceEventIds.has(eventId));
  return [...missing, ...left.map((facts) => ({ facts, changes: facts === reporter ? changes : [] }))];
}

/**
 * What another ledger of the same payment has otherwise, as far as it is money: the same sum of the same kind is the same
 * money, whichever of its events or objects says so.
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
    ...gone.map(([, entry]) => `${describeEntry(entry)} is in the ledger, and is none`),
  ];
}

/** Whether a gap is gone or narrower: a refund that is none of ours explains one too. */
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

/** What tells an entry apart, and what of it is money. */
function textOf({ kind, objectId, keyEvent = "", amount, currency }: DerivedEntry): string {
  return [kind, objectId, keyEvent, amount, currency].join(" ");
}

/** An entry for people. */
export function describeEntry({ kind, amount, currency }: DerivedEntry): string {
  return `${kind} of ${amount} ${currency}`;
}
