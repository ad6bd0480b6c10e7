import { TakingsError } from "@takings/domain";
import { z } from "zod";
import type { StripeRequest, StripeResponse } from "./stripe-request.ts";

const errorBody = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }),
});

/** Stripe refuses the key itself, or it lacks a permission: it will refuse every account. */
export class KeyRefusedError extends TakingsError {
  constructor(message: string) {
    super("invalid", message);
  }
}

/**
 * Why Stripe did not answer a request with what was asked for. Stripe's own message is not repeated, because it may show
 * more of the key than its end.
 */
export function refusalOf(request: StripeRequest, response: StripeResponse, apiKey: string): TakingsError {
  const { status } = response;
  const key = `the API key ending in ${apiKey.slice(-4)}`;
  const { code, message } = errorBody.safeParse(response.body).data?.error ?? {};
  const asked = `GET ${request.path}${request.account === null ? "" : ` of ${request.account}`}`;
  if (status === 401) {
    return new KeyRefusedError(`Stripe does not know ${key} (status 401 to ${asked}): check STRIPE_API_KEY`);
  }
  if (status === 403 && code === "account_invalid") {
    return new TakingsError(
      "invalid",
      `Stripe refuses ${asked} (status 403): ${key} has no access to this account; check that it is connected, and that ` +
        "the key may read connected accounts",
    );
  }
  if (status === 403) {
    // The message names the permission: https://github.com/stripe/stripe-node/issues/2246
    const names = [...new Set((message ?? "").match(/\brak_\w+/g))];
    const permission = names.length === 0 ? "a permission" : `the permission ${names.join(", ")}`;
    return new KeyRefusedError(
      `Stripe refuses ${asked} (status 403): ${key} lacks ${permission} (read access to ${resourceOf(request.path)}); ` +
        "add it to the key in Stripe's Dashboard",
    );
  }
  const reason = typeof code === "string" ? `, ${code}` : "";
  return new TakingsError(
    "invalid",
    `Stripe refuses ${asked} (status ${status}${reason}): check STRIPE_API_URL and the accounts`,
  );
}

/** The kind of objects under a path, in words. */
function resourceOf(path: string): string {
  return path.startsWith("/v1/payouts") ? "payouts" : "balance transactions";
}

/** Whether the object at the cursor of a list does not exist any more. */
export function isLostCursor({ status, body }: StripeResponse): boolean {
  return status === 404 && errorBody.safeParse(body).data?.error.code === "resource_missing";
}
