import { TakingsError } from "@takings/domain";
import { z } from "zod";
import type { CreatedEndpoint, FoundEndpoint } from "./stripe-endpoints.ts";

/** https://docs.stripe.com/api/webhook_endpoints/object */
const endpoint = z
  .object({
    id: z.string().min(1),
    url: z.string(),
    enabled_events: z.array(z.string()),
    api_version: z.string().nullable(),
    status: z.string(),
    metadata: z.record(z.string(), z.string()).nullish(),
    created: z.int(),
  })
  .transform(
    ({ id, url, created, ...from }): FoundEndpoint => ({
      id,
      url,
      created,
      types: from.enabled_events,
      apiVersion: from.api_version,
      enabled: from.status === "enabled",
      metadata: from.metadata ?? {},
    }),
  );
const list = z.object({ data: z.array(endpoint), has_more: z.boolean() });
const secret = z.object({ secret: z.string().regex(/^\S+$/) });

/** Parses a page of the list of webhook endpoints. @throws TakingsError `invalid` naming what is malformed. */
export function parseEndpoints(body: unknown): {
  readonly endpoints: readonly FoundEndpoint[];
  readonly hasMore: boolean;
} {
  const page = parseBody(list, body);
  return { endpoints: page.data, hasMore: page.has_more };
}

/** Parses the answer to the creation of an endpoint. @throws TakingsError `invalid` naming what is malformed. */
export function parseCreated(body: unknown): CreatedEndpoint {
  return { endpoint: parseBody(endpoint, body), secret: parseBody(secret, body).secret };
}

function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  const [issue] = error.issues;
  throw new TakingsError(
    "invalid",
    `Stripe's answer about webhook endpoints is malformed at ${issue?.path.join(".") || "its top level"}: ` +
      `${issue?.message}; check that STRIPE_API_URL is Stripe's API and that no proxy alters responses`,
  );
}
