import { createHmac, randomBytes } from "node:crypto";
import { testSecret } from "@takings/simulator";

/** A response; every one of this service is JSON. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
};

export type PostOptions = {
  /** By default that of the default source. */
  readonly path?: string;
  /** The whole signature header; `null` for none. By default a valid one. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Posts a body as Stripe does. */
export async function post(url: string, body: string | Buffer, options: PostOptions = {}): Promise<Answer> {
  const signature = options.signature === undefined ? signed(body) : options.signature;
  const response = await fetch(`${url}${options.path ?? "/webhooks/stripe"}`, {
    method: "POST",
    body: new Uint8Array(Buffer.from(body)),
    headers: {
      "content-type": "application/json; charset=utf-8",
      ...(signature !== null && { "stripe-signature": signature }),
      ...options.headers,
    },
  });
  const answer = (await response.json()) as Answer["body"];
  return { status: response.status, headers: response.headers, body: answer };
}

export type Signing = { readonly secret?: string; readonly at?: number };

/** A header with one valid signature over any bytes. */
export function signed(body: string | Buffer, signing: Signing = {}): string {
  const at = signing.at ?? now();
  return `t=${at},v1=${hmac(body, { ...signing, at })}`;
}

/** The signature itself, as Stripe documents it: time, a full stop, the bytes. */
export function hmac(body: string | Buffer, { secret = testSecret, at = now() }: Signing = {}): string {
  return createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex");
}

export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

export function eventId(): string {
  return `evt_${randomBytes(9).toString("hex")}`;
}

/** The body of an event with a new id. */
export function event(different: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    id: eventId(),
    object: "event",
    type: "payment_intent.succeeded",
    created: now(),
    livemode: false,
    data: { object: { id: "pi_1", object: "payment_intent", amount_received: 1_999, currency: "usd" } },
    ...different,
  });
}

/** The body of an event of exactly this many bytes. */
export function eventOfBytes(bytes: number): string {
  const room = bytes - Buffer.byteLength(event({ filler: "" }));
  return event({ filler: "x".repeat(room) });
}
