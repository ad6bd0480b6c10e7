import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json, Members } from "../json.ts";
import { type Answer, answerRequest, type ReadableAccounts } from "./balance-answers.ts";
import { createRequestRates, type RequestRates } from "./request-rates.ts";

/** What a request meets instead of an answer. */
export type BalanceFault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection is cut before an answer, or in the middle of one. */
  | { readonly kind: "reset" | "cut" }
  /** An answer that never ends, or that never begins. */
  | { readonly kind: "endless" | "silence" };

/** How the fake behaves. */
export type FakeBalanceApiOptions = ReadableAccounts & {
  /** Stripe's time, Unix seconds; by default that of this machine. */
  readonly now?: () => number;
  /** Requests in any second per endpoint; more are answered 429. Default 25. https://docs.stripe.com/rate-limits */
  readonly requestsPerSecond?: number;
  /** Seconds in the header `Retry-After` of a 429; by default there is none. */
  readonly retryAfter?: number;
  readonly port?: number;
  /** Milliseconds before each answer. */
  readonly latency?: number;
};

/**
 * The part of Stripe's API that tells the balance: lists and single objects of balance transactions and payouts, newest
 * first, with cursors, filters, errors and rate limits as Stripe documents them.
 */
export type FakeBalanceApi = AsyncDisposable & {
  readonly url: string;
  /** Paths with their queries, in the order of the requests, with their account. */
  readonly requests: { readonly path: string; readonly account: string | null }[];
  readonly rates: RequestRates;
  /** What the next requests meet, in order; then answers again. */
  readonly faults: BalanceFault[];
  /** Waited for before a request is answered. */
  onRequest: (path: string) => void | Promise<void>;
};

/** Starts it on loopback. */
export async function fakeBalanceApi(options: FakeBalanceApiOptions): Promise<FakeBalanceApi> {
  const server = createServer((request, response) => void answer(fake, options, request, response));
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const fake: FakeBalanceApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    rates: createRequestRates(options.requestsPerSecond ?? 25),
    faults: [],
    onRequest: () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

async function answer(
  fake: FakeBalanceApi,
  options: FakeBalanceApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const arrived = performance.now();
  const account = request.headers["stripe-account"]?.toString() ?? null;
  fake.requests.push({ path: request.url ?? "", account });
  await fake.onRequest(request.url ?? "");
  if (options.latency !== undefined) await new Promise((resolve) => setTimeout(resolve, options.latency));
  const now = options.now?.() ?? Date.now() / 1_000;
  const fault = fake.faults.shift();
  const url = new URL(request.url ?? "", "http://stripe");
  const endpoint = url.pathname.split("/", 3).join("/");
  const admitted = fake.rates.admit(endpoint, arrived);
  const made: Answer =
    fault?.kind === "status"
      ? { status: fault.status, body: { error: { type: "api_error", message: `fault ${fault.status}` } } }
      : admitted
        ? answerRequest(options, { url, account, authorization: request.headers.authorization, now })
        : tooMany;
  const headers = {
    "content-type": "application/json",
    date: new Date(now * 1_000).toUTCString(),
    "request-id": `req_${fake.requests.length}`,
    ...(made === tooMany &&
      options.retryAfter !== undefined && { "retry-after": String(options.retryAfter) }),
    ...(fault?.kind === "status" && fault.headers),
  };
  send(response, made, headers, fault);
}

const tooMany: Answer = {
  status: 429,
  body: {
    error: {
      code: "rate_limit",
      doc_url: "https://stripe.com/docs/error-codes/rate-limit",
      message:
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
      type: "invalid_request_error",
    },
  },
};

function send(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Record<string, string>,
  fault: BalanceFault | undefined,
): void {
  if (fault?.kind === "silence") return;
  if (fault?.kind === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const text = json(body);
  if (fault?.kind !== "cut" && fault?.kind !== "endless") {
    response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(text)) }).end(text);
    return;
  }
  response.writeHead(status, headers).write(text.slice(0, text.length / 2));
  if (fault.kind === "cut") {
    setImmediate(() => response.socket?.resetAndDestroy());
  } else {
    const timer = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(timer));
  }
}

declare global {
  interface JSON {
    /** https://tc39.es/proposal-json-parse-with-source/#sec-json.rawjson */
    rawJSON(text: string): unknown;
  }
}

/** JSON as Stripe writes it: integers of any size as they are. */
function json(body: Members): string {
  return JSON.stringify(body, (_key, value: Json) =>
    typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value,
  );
}
