import { Agent } from "node:http";
import type { StripeEvent } from "@takings/end-to-end/scenario";
import { sign } from "@takings/testkit";
import type { History } from "./history.ts";
import { type WebhookResponse, postWebhook } from "./webhook-request.ts";

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
  /** All ways into the installation, used in turn. Asked before each attempt. */
  readonly urls: () => readonly string[];
  readonly secret: () => string;
};

/** Single requests, each in the history before it leaves and after it was answered. */
export type Attempts = {
  send(event: StripeEvent, genuine: boolean, changes: AttemptChanges): Promise<WebhookResponse>;
  close(): void;
};

export function createAttempts({ history, urls, secret }: AttemptOptions): Attempts {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  const known = new Set<string>();
  let attempts = 0;
  return {
    async send(event, genuine, changes) {
      const key = `${genuine} ${event.id}`;
      if (!known.has(key)) history.write({ what: "event", id: event.id, genuine, body: event.body });
      known.add(key);
      const attempt = ++attempts;
      const ways = urls();
      const url = changes.url ?? ways[attempt % ways.length] ?? "";
      const body = changes.body ?? event.body;
      const headers = {
        "content-type": "application/json; charset=utf-8",
        "content-length": String(Buffer.byteLength(body)),
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "stripe-signature": sign(event.body, changes.secret ?? secret(), changes.signedAt),
        ...changes.headers,
      };
      history.write({ what: "sent", id: event.id, attempt });
      const answer = await postWebhook({ url, body, headers, agent });
      const { status, ms, error } = answer;
      history.write({ what: "answered", id: event.id, attempt, status, ms, ...(error && { error }) });
      return answer;
    },
    close: () => agent.destroy(),
  };
}
