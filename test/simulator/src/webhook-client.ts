import { sign } from "./sign.ts";

export type WebhookRequest = {
  /** The address of ingress, alone or with the path of its webhook. */
  readonly url: string;
  readonly body: Buffer | string;
  /** By default the secret of the tests. */
  readonly secret?: string | undefined;
  /** The time in the signature, in Unix seconds; by default now. */
  readonly signedAt?: number | undefined;
  /** Added to the usual headers or put in their place, the signature included. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number | undefined;
  /** Cancels the request. */
  readonly signal?: AbortSignal | undefined;
};

export type WebhookResponse = {
  /** 0 where there was no response. */
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  /** From sending until the last byte of the response. */
  readonly ms: number;
  /** Why there was no response: a system error code such as ECONNREFUSED, or a message. */
  readonly error?: string;
};

const defaultTimeoutMs = 20_000;

/** Posts one signed event once, as Stripe does. Never rejects. */
export async function postWebhook(request: WebhookRequest): Promise<WebhookResponse> {
  const { body, secret, signedAt, signal, timeoutMs = defaultTimeoutMs } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  try {
    const response = await fetch(webhookUrl(request.url), {
      method: "POST",
      body: new Uint8Array(Buffer.from(body)),
      headers: {
        "content-type": "application/json; charset=utf-8",
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "stripe-signature": sign(String(body), secret, signedAt),
        ...request.headers,
      },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const { status, headers } = response;
    return { status, body: await response.text(), headers, ms: elapsed() };
  } catch (error) {
    return { status: 0, body: "", headers: new Headers(), ms: elapsed(), error: reasonOf(error) };
  }
}

function webhookUrl(address: string): URL {
  const url = new URL(address);
  if (url.pathname === "/") url.pathname = "/webhooks/stripe";
  return url;
}

/** fetch itself says no more than "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause = error } = error;
  if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string")
    return cause.code;
  return error.name === "TimeoutError" ? "no response in time" : String(cause);
}
