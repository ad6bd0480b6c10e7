import { randomUUID } from "node:crypto";
import { TakingsError } from "@takings/domain";
import { Stripe } from "stripe";
import { parseCreated, parseEndpoints } from "./parse-endpoints.ts";
import { refusalOf } from "./refusal.ts";
import { retryRequest } from "./retry-request.ts";
import type { EndpointUpdate, FoundEndpoint, StripeEndpoints } from "./stripe-endpoints.ts";
import { sendRequest, type StripeAccess, type StripeRequest, type StripeResponse } from "./stripe-request.ts";

const path = "/v1/webhook_endpoints";
const pageSize = "100";

type Parameters = StripeRequest["parameters"];

/** Reaches the webhook endpoints at Stripe. @param maxFailingMs how long a request may fail; 60 s by default. */
export function createStripeEndpoints(
  access: StripeAccess & { readonly maxFailingMs?: number | undefined },
): StripeEndpoints {
  const { apiKey, stopping, maxFailingMs } = access;
  const ask = (request: StripeRequest): Promise<StripeResponse> =>
    retryRequest(request, {
      send: (one) => sendRequest(access, one, Stripe.API_VERSION),
      stopping,
      maxFailingMs,
    });
  const askOk = async (request: StripeRequest): Promise<unknown> => {
    const response = await ask(request);
    if (response.status !== 200) throw refusalOf(request, response, apiKey);
    return response.body;
  };
  const post = (to: string, parameters: Parameters): Promise<unknown> =>
    askOk({ method: "POST", path: to, parameters, idempotencyKey: randomUUID() });
  return {
    async list() {
      const all = new Map<string, FoundEndpoint>();
      for (let cursor: string | undefined; ; ) {
        const after: Parameters = cursor === undefined ? [] : [["starting_after", cursor]];
        const parameters: Parameters = [["limit", pageSize], ...after];
        const { endpoints, hasMore } = parseEndpoints(await askOk({ method: "GET", path, parameters }));
        for (const one of endpoints) all.set(one.id, one);
        const last = endpoints.at(-1)?.id;
        if (!hasMore) return [...all.values()];
        if (last === undefined || last === cursor) throw endlessList();
        cursor = last;
      }
    },
    async create(endpoint) {
      const { url, types, apiVersion, connect, description, metadata } = endpoint;
      const body = await post(path, [
        ...updateParameters({ url, types, metadata }),
        ["api_version", apiVersion],
        ["connect", String(connect)],
        ["description", description],
      ]);
      return parseCreated(body);
    },
    async update(id, update) {
      await post(`${path}/${encodeURIComponent(id)}`, updateParameters(update));
    },
    async remove(id) {
      const request = {
        method: "DELETE",
        path: `${path}/${encodeURIComponent(id)}`,
        parameters: [],
      } as const;
      const response = await ask(request);
      if (response.status !== 200 && response.status !== 404) throw refusalOf(request, response, apiKey);
    },
  };
}

function updateParameters({ url, types = [], enabled, metadata = {} }: EndpointUpdate): Parameters {
  const parameters: [string, string][] = types.map((type, n) => [`enabled_events[${n}]`, type]);
  for (const [key, value] of Object.entries(metadata)) parameters.push([`metadata[${key}]`, value]);
  if (url !== undefined) parameters.push(["url", url]);
  if (enabled !== undefined) parameters.push(["disabled", String(!enabled)]);
  return parameters;
}

function endlessList(): TakingsError {
  return new TakingsError(
    "invalid",
    "Stripe's list of webhook endpoints never ends: check that STRIPE_API_URL is Stripe's API and that no proxy alters " +
      "responses",
  );
}
