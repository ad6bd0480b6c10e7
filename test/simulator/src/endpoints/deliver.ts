import { setTimeout as delay } from "node:timers/promises";
import type { Members } from "../json.ts";
import { postWebhook } from "../webhook-client.ts";
import type { StoredEndpoint } from "./stored-endpoint.ts";

/** An event of the account, or of a connected account where it has `account`. */
export type SentEvent = Members & {
  readonly id: string;
  readonly type: string;
  readonly created: number;
  readonly livemode: boolean;
  readonly account?: string | undefined;
};

/** One attempt to deliver an event. */
export type DeliveryAttempt = {
  readonly endpoint: string;
  readonly event: string;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
};

/** How events are delivered. */
export type DeliveryOptions = {
  /** How long before each repetition; afterwards it is given up. Stripe takes up to three days for them. */
  readonly retryDelaysMs: readonly number[];
  /** Failures in succession after which an endpoint is disabled; Stripe waits for days. */
  readonly disableAfter: number;
  /** Where an endpoint's URL leads. */
  readonly route: (url: string) => string;
  readonly onAttempt: (attempt: DeliveryAttempt) => void;
};

/** Whether an endpoint receives an event now. */
export function receives(endpoint: StoredEndpoint, event: SentEvent): boolean {
  const { types, livemode, connect, status } = endpoint;
  const isOfKind = connect === (event.account !== undefined) && livemode === event.livemode;
  return status === "enabled" && isOfKind && (types.includes("*") || types.includes(event.type));
}

/**
 * Delivers an event to an endpoint in the endpoint's API version, signed with its secret, until it gets a 2xx. An endpoint
 * that is disabled or deleted gets no repetition. https://docs.stripe.com/webhooks#automatic-retries
 */
export async function deliver(
  endpoint: StoredEndpoint,
  event: SentEvent,
  { retryDelaysMs, disableAfter, route, onAttempt }: DeliveryOptions,
  exists: (endpoint: StoredEndpoint) => boolean,
): Promise<void> {
  const rendered = endpoint.apiVersion === null ? event : { ...event, api_version: endpoint.apiVersion };
  const body = JSON.stringify(rendered);
  for (const delayMs of [0, ...retryDelaysMs]) {
    if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
    if (!exists(endpoint) || endpoint.status === "disabled") return;
    const { status } = await postWebhook({ url: route(endpoint.url), body, secret: endpoint.secret });
    onAttempt({ endpoint: endpoint.id, event: event.id, status });
    if (status >= 200 && status < 300) {
      endpoint.failures = 0;
      return;
    }
    endpoint.failures += 1;
    if (endpoint.failures >= disableAfter) endpoint.status = "disabled";
  }
}
