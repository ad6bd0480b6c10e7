import { type Exact, member, parseExact, requiredText, textOf } from "./exact-body.ts";
import { mustBeQuarantined } from "./quarantine-rules.ts";
import type { Entry } from "./reference-implementation/entries.ts";
import { type Body, ownerOf } from "./reference-implementation/events.ts";
import { referenceLedger } from "./reference-implementation/reference-ledger.ts";

/** The expected record of a delivered event. */
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

export type ExpectedState = {
  /** The times in seconds, as in the events. */
  readonly entries: readonly Entry[];
  readonly events: ReadonlyMap<string, ExpectedEvent>;
};

/**
 * The state that the reference implementation derives from the bodies alone, in any order and with any repetition. It
 * is independent of the product.
 */
export function expectedStateOf(bodies: Iterable<string>, platformAccount: string): ExpectedState {
  const events = new Map<string, ExpectedEvent>();
  const understood: Exact[] = [];
  for (const body of new Set(bodies)) {
    const event = parseExact(body);
    const told = describe(event, body, platformAccount);
    if (events.has(told.eventId))
      throw new Error(`${told.eventId} has two bodies; give each body its own event id`);
    events.set(told.eventId, told);
    if (!told.isQuarantined) understood.push(event);
  }
  const entries = byPayment(understood).flatMap(
    (of) => referenceLedger(of as Body[], platformAccount).entries,
  );
  return { events, entries };
}

/** The comparison that orders event ids: by their characters' codes. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Events that name none of the same objects, directly or by others, do not speak of the same payment. */
function byPayment(events: readonly Exact[]): readonly (readonly Exact[])[] {
  type Group = { readonly names: Set<string>; readonly events: Exact[] };
  const groups = new Map<string, Group>();
  for (const event of events) {
    const group: Group = { names: new Set(objectNames(member(event, "data"))), events: [event] };
    for (const known of new Set([...group.names].flatMap((name) => groups.get(name) ?? []))) {
      for (const name of known.names) group.names.add(name);
      group.events.push(...known.events);
    }
    for (const name of group.names) groups.set(name, group);
  }
  return [...new Set(groups.values())].map((group) => group.events);
}

/** All ids of objects of a payment, wherever they stand. */
function objectNames(value: Exact | undefined): string[] {
  if (typeof value === "string") return /^(pi|ch|py|re|pyr|dp|du)_/.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(objectNames) : [];
}

function describe(event: Exact, body: string, platformAccount: string): ExpectedEvent {
  const object = member(member(event, "data"), "object");
  const type = requiredText(event, "type");
  const livemode = member(event, "livemode");
  return {
    eventId: requiredText(event, "id"),
    type,
    created: momentOf(event),
    livemode: typeof livemode === "boolean" ? livemode : null,
    account: ownerOf(event as Body, platformAccount),
    objectId: textOf(member(object, "id")),
    paymentIntent: textOf(member(object, type.startsWith("payment_intent.") ? "id" : "payment_intent")),
    isQuarantined: mustBeQuarantined(event),
    body,
  };
}

/** Snapshot events count seconds, thin ones write the date. */
function momentOf(event: Exact): number {
  const created = member(event, "created");
  return typeof created === "bigint" ? Number(created) * 1000 : Date.parse(requiredText(event, "created"));
}
