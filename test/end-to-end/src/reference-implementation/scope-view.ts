import { amountOf, inOrder, type Shown, type ParsedEvent } from "./events.ts";

/** Everything that the events of one account and mode show, as queried by the rules. */
export type ScopeView = {
  readonly events: readonly ParsedEvent[];
  readonly shown: readonly Shown[];
  charges(id: string): readonly Shown[];
  intents(id: string): readonly Shown[];
  refunds(id: string): readonly Shown[];
  /** What an object belongs to: the PaymentIntent, else the charge. */
  intentOfCharge(charge: string): string | undefined;
  paymentOfCharge(charge: string): string;
  chargesOfPayment(payment: string): readonly string[];
  chargeHasTransfer(charge: string): boolean;
  isMulticapture(payment: string): boolean;
};

export function viewOf(events: readonly ParsedEvent[]): ScopeView {
  const shown = events.flatMap(({ shows }) => shows);
  const named = (object: Shown["object"], id: string): Shown[] =>
    inOrder(shown.filter((one) => one.object === object && one.id === id));
  const view: ScopeView = {
    events,
    shown,
    charges: (id) => named("charge", id),
    intents: (id) => named("payment_intent", id),
    refunds: (id) => named("refund", id),
    intentOfCharge: (charge) =>
      inOrder(shown).find((one) => one.charge === charge && one.intent !== undefined)?.intent,
    paymentOfCharge: (charge) => view.intentOfCharge(charge) ?? charge,
    chargesOfPayment: (payment) =>
      [...new Set(shown.flatMap(({ charge }) => charge ?? []))].filter(
        (charge) => view.paymentOfCharge(charge) === payment,
      ),
    chargeHasTransfer: (charge) =>
      named("charge", charge).some(({ body }) => (body["source_transfer"] ?? null) !== null),
    isMulticapture: (payment) =>
      view.chargesOfPayment(payment).some((charge) => named("charge", charge).some(isMulticaptureCharge)) ||
      named("payment_intent", payment).some(
        ({ body }) => body["status"] === "requires_capture" && (amountOf(body, "amount_received") ?? 0n) > 0n,
      ),
  };
  return view;
}

function isMulticaptureCharge({ body }: Shown): boolean {
  type Card =
    | { readonly card?: { readonly multicapture?: { readonly status?: unknown } } }
    | null
    | undefined;
  const details = body["payment_method_details"] as Card;
  return details?.card?.multicapture?.status === "available";
}

/** What a charge says was captured; a body of before there was `amount_captured` means its `amount`. */
export function capturedOf({ body }: Shown): bigint | undefined {
  if (body["captured"] !== true) return undefined;
  if ("amount_captured" in body) return amountOf(body, "amount_captured");
  return amountOf(body, "amount_refunded") === 0n ? amountOf(body, "amount") : undefined;
}

export function hasSucceeded({ body, event, place }: Shown): boolean {
  return (
    body["status"] === "succeeded" || (event.type === "payment_intent.succeeded" && place === "outermost")
  );
}
