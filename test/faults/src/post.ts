import { type Agent, request } from "node:http";
import { performance } from "node:perf_hooks";

/** An answer, or what was there instead. */
export type Answer = {
  /** 0 where there was none. */
  readonly status: number;
  readonly body: string;
  readonly ms: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly trouble?: string;
};

export type Post = {
  readonly url: string;
  readonly body: Buffer | string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
};

/** Longer than anything may take; an attempt that gets no answer at all within it was left hanging. */
const patienceMs = 20_000;

/** One POST to the webhook. Never rejects: no answer is an answer too. */
export function post({ url, body, headers, agent }: Post): Promise<Answer> {
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const end = (status: number, text: string, rest: Partial<Answer> = {}): void =>
    resolve({ status, body: text, headers: {}, ms: Math.round(performance.now() - began), ...rest });
  const fail = (error: Error): void => end(0, "", { trouble: codeOf(error) });
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
