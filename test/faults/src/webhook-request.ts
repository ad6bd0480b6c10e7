import { type Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

/** An answer, or what was there instead. */
export type WebhookResponse = {
  /** 0 where there was none. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly error?: string;
};

export type WebhookRequest = {
  readonly url: string;
  readonly body: Buffer | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
};

/** Longer than anything may take; an attempt that gets no answer at all within it was left hanging. */
const patienceMs = 20_000;

/** One POST to the webhook. Never rejects: no answer is an answer too. */
export function postWebhook({ url, body, headers, agent }: WebhookRequest): Promise<WebhookResponse> {
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<WebhookResponse>();
  const end = (status: number, text: string, rest: Partial<WebhookResponse> = {}): void =>
    resolve({ status, body: text, headers: {}, ms: Math.round(performance.now() - began), ...rest });
  const fail = (error: Error): void => end(0, "", { error: codeOf(error) });
  const sent = request(`${url}/webhooks/stripe`, { method: "POST", headers, agent }, (response) => {
    const pieces: Buffer[] = [];
    response.on("data", (piece: Buffer) => pieces.push(piece));
    response.on("error", fail);
    response.on("end", () =>
      end(response.statusCode ?? 0, Buffer.concat(pieces).toString(), { headers: response.headers }),
    );
  });
  const timer = setTimeout(() => sent.destroy(new Error("left hanging")), patienceMs);
  sent.on("error", fail).on("close", () => clearTimeout(timer));
  sent.end(body);
  return promise;
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}
