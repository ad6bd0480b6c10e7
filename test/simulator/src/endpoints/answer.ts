import type { Members } from "../json.ts";

/** What a request is answered with. */
export type Answer = { readonly status: number; readonly body: Members };

/** An error of Stripe's API: https://docs.stripe.com/api/errors */
export function refusal(status: number, error: Members): Answer {
  return { status, body: { error: { ...error, type: "invalid_request_error" } } };
}

/** Such as for an object that does not exist, or not any more. */
export function missing(name: string, id: string, param: string): Answer {
  return refusal(404, { code: "resource_missing", message: `No such ${name}: '${id}'`, param });
}
