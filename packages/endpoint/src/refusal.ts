import { TakingsError } from "@takings/domain";
import { z } from "zod";
import type { StripeRequest, StripeResponse } from "./stripe-request.ts";

const errorBody = z.object({ error: z.object({ message: z.string().nullish() }) });

/** Why Stripe did not do what was asked for. The API key is named by its last four characters. */
export function refusalOf(request: StripeRequest, response: StripeResponse, apiKey: string): TakingsError {
  const { method, path } = request;
  const { status } = response;
  const key = `the API key ending in ${apiKey.slice(-4)}`;
  const message = errorBody.safeParse(response.body).data?.error.message ?? "";
  const asked = `${method} ${path}`;
  if (status === 401) {
    return new TakingsError(
      "invalid",
      `Stripe does not know ${key} (status 401 to ${asked}): check STRIPE_API_KEY`,
    );
  }
  if (status === 403) {
    // The message names the permission: https://github.com/stripe/stripe-node/issues/2246
    const names = [...new Set(message.match(/\brak_\w+/g))];
    const permission = names.length === 0 ? "a permission" : `the permission ${names.join(", ")}`;
    const access = method === "GET" ? "read" : "write";
    return new TakingsError(
      "invalid",
      `Stripe refuses ${asked} (status 403): ${key} lacks ${permission} (${access} access to webhook endpoints); ` +
        "add it to the key in Stripe's Dashboard",
    );
  }
  return new TakingsError(
    "invalid",
    `Stripe refuses ${asked} (status ${status}): ${withoutKeys(message, apiKey)}`,
  );
}

/** Stripe's messages may show a key. */
function withoutKeys(message: string, apiKey: string): string {
  const text = message.replaceAll(apiKey, "…").replaceAll(/\b(?:[rsp]k|whsec)_\w+/g, "…");
  return text === "" ? "it gives no reason; check STRIPE_API_URL" : text;
}
