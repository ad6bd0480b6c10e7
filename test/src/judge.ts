import { type Exact, member, parseExact, requiredText, textOf } from "./exact-body.ts";
import { type Movement, Puzzling, rules } from "./movements.ts";

/** A ledger entry as it must come out: all that an entry has but its id and the moment of its recording. */
export type ExpectedEntry = {
  readonly kind: Movement["kind"];
  readonly amount: bigint;
  readonly currency: string;
  /** In milliseconds. */
  readonly occurredAt: number;
  readonly objectId: string;
  readonly paymentIntent: string | null;
  readonly eventId: string;
  /** `null` is the platform itself. */
  readonly account: string | null;
  readonly livemode: boolean;
};

/** What must be known of a delivered event. */
export type ExpectedEvent = {
  readonly eventId: string;
  readonly type: string;
  /** In milliseconds. */
  readonly created: number;
  readonly livemode: boolean | null;
  readonly account: string | null;
  readonly objectId: string | null;
  readonly paymentIntent: string | null;
  readonly isQuarantined: boolean;
  readonly body: string;
};

export type Verdict = {
  readonly entries: readonly ExpectedEntry[];
  readonly events: ReadonlyMap<string, ExpectedEvent>;
};

/**
 * Recomputes from bodies alone, in any order and with any repetition, what the ledger must hold. It knows
 * nothing of how the product does it: it gathers all that is said of an entry, sorts, and takes the first.
 */
export function judge(bodies: Iterable<string>, platformAccount: string): Verdict {
  const events = new Map<string, ExpectedEvent>();
  const words = new Map<string, ExpectedEntry[]>();
  const times = new Map<ExpectedEntry, number>();
  for (const body of new Set(bodies)) {
    const { event, entries } = understand(body, platformAccount);
    if (events.has(event.eventId))
      throw new Error(`${event.eventId} has two bodies; give each body its own event id`);
    events.set(event.eventId, event);
    for (const entry of entries) {
      times.set(entry, event.created);
      const key = JSON.stringify([entry.kind, entry.account, entry.livemode, entry.objectId]);
      words.set(key, [...(words.get(key) ?? []), entry]);
    }
  }
  const decide = (said: readonly ExpectedEntry[]): ExpectedEntry => {
    const order = said.toSorted(
      (a, b) => (times.get(a) ?? 0) - (times.get(b) ?? 0) || byText(a.eventId, b.eventId),
    );
    const [first] = order;
    if (first === undefined) throw new Error("an entry that no event speaks of");
    const named = order.find(({ paymentIntent }) => paymentIntent !== null);
    return { ...first, paymentIntent: named?.paymentIntent ?? null };
  };
  return { events, entries: [...words.values()].map(decide) };
}

/** The comparison that orders event ids: by their characters' codes. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function understand(
  body: string,
  platformAccount: string,
): { event: ExpectedEvent; entries: ExpectedEntry[] } {
  const event = parseExact(body);
  const object = member(member(event, "data"), "object");
  const type = requiredText(event, "type");
  const account = textOf(member(event, "account"));
  const livemode = member(event, "livemode");
  const known = {
    eventId: requiredText(event, "id"),
    type,
    created: momentOf(event),
    livemode: typeof livemode === "boolean" ? livemode : null,
    account: account === platformAccount ? null : account,
    objectId: textOf(member(object, "id")),
    paymentIntent: textOf(member(object, type.startsWith("payment_intent.") ? "id" : "payment_intent")),
    body,
  };
  try {
    const entries = entriesOf(known, object, textOf(member(event, "api_version")) ?? "");
    return { event: { ...known, isQuarantined: false }, entries };
  } catch (error) {
    if (error instanceof Puzzling) return { event: { ...known, isQuarantined: true }, entries: [] };
    throw error;
  }
}

function entriesOf(
  event: Omit<ExpectedEvent, "isQuarantined">,
  object: Exact,
  apiVersion: string,
): ExpectedEntry[] {
  const { eventId, type, created, account, livemode } = event;
  if (type.startsWith("v1.") && rules.has(type.slice("v1.".length))) throw new Puzzling("a thin event");
  const movements = (rules.get(type)?.(object, apiVersion) ?? []).filter(({ amount }) => amount !== 0n);
  return movements.map(({ occurredAt, ...moved }) => {
    if (livemode === null) throw new Puzzling("livemode is missing");
    const when = occurredAt === null ? created : Number(occurredAt) * 1000;
    return { ...moved, occurredAt: when, eventId, account, livemode };
  });
}

/** Snapshot events count seconds, thin ones write the date. */
function momentOf(event: Exact): number {
  const created = member(event, "created");
  return typeof created === "bigint" ? Number(created) * 1000 : Date.parse(requiredText(event, "created"));
}
