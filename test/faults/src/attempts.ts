import { postWebhook, sign, type StripeEvent, type WebhookResponse } from "@takings/simulator";
import type { History } from "./history.ts";

/** What differs from an ordinary attempt. */
export type AttemptChanges = {
  readonly url?: string;
  readonly body?: Buffer | string;
  readonly secret?: string;
  /** Unix seconds in the signature. */
  readonly signedAt?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

export type AttemptOptions = {
  readonly history: History;
  /** All addresses of the installation, used in turn. Read before each attempt. */
  readonly urls: () => readonly string[];
  readonly secret: () => string;
};

/** Single requests, each recorded in the history before it is sent and after its response. */
export type Attempts = {
  send(event: StripeEvent, genuine: boolean, changes: AttemptChanges): Promise<WebhookResponse>;
  close(): void;
};

export function createAttempts({ history, urls, secret }: AttemptOptions): Attempts {
  const closing = new AbortController();
  const known = new Set<string>();
  let attempts = 0;
  return {
    async send(event, genuine, changes) {
      const key = `${genuine} ${event.id}`;
      if (!known.has(key)) history.write({ what: "event", id: event.id, genuine, body: event.body });
      known.add(key);
      const attempt = ++attempts;
      const addresses = urls();
      const url = changes.url ?? addresses[attempt % addresses.length] ?? "";
      // The signature is that of the event's own body, whatever is sent in its place.
      const signature = sign(event.body, changes.secret ?? secret(), changes.signedAt);
      const headers = { "stripe-signature": signature, ...changes.headers };
      history.write({ what: "sent", id: event.id, attempt });
      const body = changes.body ?? event.body;
      const response = await postWebhook({ url, body, headers, signal: closing.signal });
      const { status, ms, error } = response;
      history.write({ what: "answered", id: event.id, attempt, status, ms, ...(error && { error }) });
      return response;
    },
    close: () => closing.abort(),
  };
}
