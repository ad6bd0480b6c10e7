import { precedes } from "../witness.ts";
import type {
  EventFacts,
  ShownCharge,
  ShownDispute,
  ShownObject,
  ShownPaymentIntent,
  ShownRefund,
} from "./event-facts.ts";

/** An object as one event shows it. */
export type Sighting<T extends ShownObject = ShownObject> = { readonly event: EventFacts; readonly seen: T };

/** Everything that a set of events shows, by object, each in the order of events. */
export type History = {
  readonly intents: ReadonlyMap<string, readonly Sighting<ShownPaymentIntent>[]>;
  readonly charges: ReadonlyMap<string, readonly Sighting<ShownCharge>[]>;
  readonly refunds: ReadonlyMap<string, readonly Sighting<ShownRefund>[]>;
  readonly disputes: ReadonlyMap<string, readonly Sighting<ShownDispute>[]>;
};

/** Sorts events by object. The result depends on which events there are, not on their order or repetition. */
export function readHistory(events: Iterable<EventFacts>): History {
  const known = new Map([...events].map((event) => [event.eventId, event]));
  const ordered = [...known.values()].toSorted((a, b) => (precedes(a.order, b.order) ? -1 : 1));
  const of = <T extends ShownObject>(kind: T["object"]): Map<string, Sighting<T>[]> => {
    const byId = new Map<string, Sighting<T>[]>();
    for (const event of ordered) {
      for (const seen of event.shows) {
        if (!isOf<T>(kind, seen)) continue;
        const sightings = byId.get(seen.id) ?? [];
        byId.set(seen.id, sightings);
        sightings.push({ event, seen });
      }
    }
    return byId;
  };
  return {
    intents: of<ShownPaymentIntent>("payment_intent"),
    charges: of<ShownCharge>("charge"),
    refunds: of<ShownRefund>("refund"),
    disputes: of<ShownDispute>("dispute"),
  };
}

function isOf<T extends ShownObject>(kind: T["object"], seen: ShownObject): seen is T {
  return seen.object === kind;
}

/** The first value that any sighting names. */
export function firstNamed<T extends ShownObject, V>(
  sightings: readonly Sighting<T>[] | undefined,
  name: (seen: T) => V | undefined,
): V | undefined {
  for (const { seen } of sightings ?? []) {
    const value = name(seen);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The PaymentIntent of a charge, as any event shows it. */
export function intentOfCharge(history: History, charge: string): string | undefined {
  return firstNamed(history.charges.get(charge), (seen) => seen.paymentIntent);
}

/** Whether any event shows that a charge mirrors a transfer, so that its money is another account's. */
export function isFromTransfer(history: History, charge: string | undefined): boolean {
  return charge !== undefined && (history.charges.get(charge) ?? []).some(({ seen }) => seen.fromTransfer);
}

/** The charge that a refund belongs to, as any event shows it. */
export function chargeOfRefund(history: History, refund: string): string | undefined {
  return firstNamed(history.refunds.get(refund), (seen) => seen.charge);
}

/** The PaymentIntent that a refund belongs to: its own word, or its charge's. */
export function intentOfRefund(history: History, refund: string): string | undefined {
  const charge = chargeOfRefund(history, refund);
  return (
    firstNamed(history.refunds.get(refund), (seen) => seen.paymentIntent) ??
    (charge === undefined ? undefined : intentOfCharge(history, charge))
  );
}

/** The charges of a PaymentIntent, in no order. */
export function chargesOfIntent(history: History, intent: string): readonly string[] {
  return [...history.charges.keys()].filter((charge) => intentOfCharge(history, charge) === intent);
}
