import type { ReconcileStage } from "@takings/domain";
import type { Listed } from "../src/stripe/parse-list.ts";

type Properties = Readonly<Record<string, unknown>>;

/** The parts of an event that show objects. */
export type EventWithObject = {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly data: { readonly object: Properties };
};

const kinds = ["payment_intent", "charge", "refund", "dispute"] as const;
type Kind = (typeof kinds)[number];

/** The objects that Stripe would list after these events: each in its last state, with its related objects expanded. */
export function listedOf(events: readonly EventWithObject[]): ReadonlyMap<ReconcileStage, readonly Listed[]> {
  const seen = new Map<Kind, Map<string, Properties>>(kinds.map((kind) => [kind, new Map()]));
  for (const { type, created, data } of events.toSorted((a, b) => a.created - b.created)) {
    for (const { kind, from } of objectsIn(data.object, kindOf(type, data.object))) {
      const known = seen.get(kind)?.get(String(from["id"]));
      seen.get(kind)?.set(String(from["id"]), { object: kind, created, ...known, ...from });
    }
  }
  addUnseenRefunds(seen);
  const find = (kind: Kind, reference: unknown): unknown =>
    seen.get(kind)?.get(String(reference)) ?? reference;
  const latestOf = (intent: unknown): Properties | undefined =>
    [...(seen.get("charge")?.values() ?? [])].find((charge) => charge["payment_intent"] === intent);
  const intentOf = (reference: unknown): unknown => {
    const intent = find("payment_intent", reference);
    return typeof intent === "object" && intent !== null
      ? { ...intent, latest_charge: latestOf(reference)?.["id"] ?? null }
      : intent;
  };
  return new Map(
    kinds.map((kind) => [
      kind,
      [...(seen.get(kind)?.values() ?? [])].map((from) => ({
        ...(from as Listed),
        ...(kind === "payment_intent" && { latest_charge: latestOf(from["id"]) ?? null }),
        ...(kind === "charge" && { payment_intent: intentOf(from["payment_intent"]) }),
        ...(kind === "refund" && {
          charge: find("charge", from["charge"]),
          payment_intent: intentOf(from["payment_intent"]),
        }),
      })),
    ]),
  );
}

function kindOf(type: string, object: Properties): Kind {
  return (
    kinds.find((kind) => object["object"] === kind) ?? (type.startsWith("charge.") ? "charge" : "refund")
  );
}

function* objectsIn(from: Properties, kind: Kind): Generator<{ kind: Kind; from: Properties }> {
  const { refunds, ...facts } = from;
  yield { kind, from: facts };
  const { data = [] } = (refunds ?? {}) as { readonly data?: readonly Properties[] };
  for (const refund of data) yield { kind: "refund", from: { charge: from["id"], ...refund } };
}

/** Adds the refunds that a charge's running total includes but no event shows. */
function addUnseenRefunds(seen: ReadonlyMap<Kind, Map<string, Properties>>): void {
  for (const [id, charge] of seen.get("charge") ?? []) {
    const refunds = [...(seen.get("refund")?.values() ?? [])].filter((refund) => refund["charge"] === id);
    const known = refunds.reduce((sum, refund) => sum + Number(refund["amount"]), 0);
    const amount = Number(charge["amount_refunded"] ?? 0) - known;
    if (amount <= 0) continue;
    const { currency, created, payment_intent } = charge;
    const unseen = { object: "refund", id: `re_of_${id}`, charge: id, status: "succeeded" };
    seen.get("refund")?.set(unseen.id, { ...unseen, amount, currency, created, payment_intent });
  }
}
