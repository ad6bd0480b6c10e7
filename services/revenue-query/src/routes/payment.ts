import { z } from "zod";
import { HttpProblem } from "../http/http-problem.ts";
import { readQuery } from "../parameters/read-query.ts";
import { type SourceParameter, sourceOfObjectParameter } from "../parameters/source.ts";
import type { Shape } from "../parameters/shape.ts";
import { isStorableId } from "../parameters/storable-id.ts";
import { type Entry, entry, entryOf } from "../responses/entry.ts";
import { type EventSummary, eventSummary, eventSummaryOf } from "../responses/event.ts";
import { asOf, source } from "../responses/fields.ts";
import { readableBy } from "../scope/scope-of-object.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** The response of this endpoint. */
export type PaymentResponse = {
  readonly payment_intent: string;
  readonly source: string;
  readonly entries: readonly Entry[];
  readonly events: readonly EventSummary[];
  readonly as_of: string;
};

const missing = "Nothing is stored about a PaymentIntent with this id.";

const responseSchema: z.ZodType<PaymentResponse> = z
  .object({
    payment_intent: z.string(),
    source,
    entries: z.array(entry).meta({ description: "In ascending order of `occurred_at` and `id`." }),
    events: z.array(eventSummary).meta({ description: "In ascending order of `created` and `event_id`." }),
    as_of: asOf,
  })
  .meta({ id: "Payment" });

/** `GET /v1/payments/{payment_intent}`: the history of one payment. */
export function paymentRoute({ reader, installation }: RouteDependencies): Route<PaymentResponse> {
  const parameters: Shape<SourceParameter> = { source: sourceOfObjectParameter };
  const id = z.string().meta({ description: "Stripe's PaymentIntent id.", example: "pi_3MtwBwLkdIwHu7ix" });
  return {
    path: "/v1/payments/{payment_intent}",
    operationId: "getPayment",
    summary: "The history of one payment",
    description:
      "Its ledger entries, and every event that refers to it or to one of the objects of those entries.",
    parameters,
    subject: { parameters: { payment_intent: id }, missing },
    responseSchema,
    async reply({ search, path, scope }): Promise<PaymentResponse> {
      const { source } = readQuery(parameters, search);
      const paymentIntent = path["payment_intent"] ?? "";
      if (!isStorableId(paymentIntent)) throw new HttpProblem(404, missing);
      const moment = await reader.safeReadTime();
      const mayRead = await readableBy(scope, { reader, installation });
      const all = await reader.payment(paymentIntent, source, moment);
      const entries = all.entries.filter(mayRead);
      const events = all.events.filter(mayRead);
      if (entries.length === 0 && events.length === 0) throw new HttpProblem(404, missing);
      return {
        payment_intent: paymentIntent,
        source,
        entries: entries.map(entryOf),
        events: events.map(eventSummaryOf),
        as_of: moment,
      };
    },
  };
}
