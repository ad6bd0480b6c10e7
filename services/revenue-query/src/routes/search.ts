import { type FoundObject, foundKinds } from "@takings/domain";
import { z } from "zod";
import { readQuery } from "../parameters/read-query.ts";
import type { Shape } from "../parameters/shape.ts";
import { type SourceParameter, sourceOfSearchParameter } from "../parameters/source.ts";
import { isStorableId } from "../parameters/storable-id.ts";
import { account, source } from "../responses/fields.ts";
import { linkTo } from "../responses/found-link.ts";
import { readableBy } from "../scope/scope-of-object.ts";
import type { Route, RouteDependencies } from "./route.ts";

/** Something that an id means. */
export type SearchResult = FoundObject & {
  /** Where it is, in this API. */
  readonly link: string;
};

/** The response of this endpoint. */
export type SearchResponse = { readonly q: string; readonly results: readonly SearchResult[] };

const responseSchema: z.ZodType<SearchResponse> = z
  .object({
    q: z.string(),
    results: z.array(
      z
        .object({
          kind: z.enum(foundKinds).meta({
            description: "`object`: something that stored events are about, where no payment of it is known.",
          }),
          id: z
            .string()
            .meta({ description: "Its own id; that of the payment for a charge, refund, dispute or entry." }),
          source,
          account,
          livemode: z.boolean().nullable(),
          link: z.string().meta({ description: "Where it is, in this API." }),
        })
        .meta({ id: "SearchResult" }),
    ),
  })
  .meta({ id: "Search", description: "What an id means. Empty when nothing stored has it." });

type Parameters = SourceParameter & { readonly q: string };

const idParameter: z.ZodType<string> = z
  .string("is required")
  .transform((text) => text.trim())
  .refine(isStorableId, "must be an id: 1 to 500 characters without NUL")
  .meta({ description: "An id of Stripe, or of a ledger entry.", example: "re_3MtwBwLkdIwHu7ix2kYLFmKq" });

/** `GET /v1/search`: what an id means. */
export function searchRoute({ reader, installation }: RouteDependencies): Route<SearchResponse> {
  const parameters: Shape<Parameters> = { q: idParameter, source: sourceOfSearchParameter };
  return {
    path: "/v1/search",
    operationId: "search",
    summary: "What an id means",
    description:
      "Where the thing with an id is: an event, a payout, a balance transaction, or the payment that an object or a ledger " +
      "entry belongs to. Sorted by `kind` and `source`; several when sources have the same id.",
    parameters,
    isOfAnyOwner: true,
    responseSchema,
    async reply({ search, scope }): Promise<SearchResponse> {
      const { q, source: where } = readQuery(parameters, search);
      const mayRead = await readableBy(scope, { reader, installation });
      const found = (await reader.find(q, where)).filter(mayRead);
      // What several accounts have under one id is in one place.
      const places = new Map(found.map((one) => [linkTo(one), one]));
      return { q, results: [...places].map(([link, one]) => ({ ...one, link })) };
    },
  };
}
