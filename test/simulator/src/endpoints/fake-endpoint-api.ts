import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Answer, refusal } from "./answer.ts";
import { deliver, type DeliveryAttempt, type DeliveryOptions, receives, type SentEvent } from "./deliver.ts";
import { createEndpointBook, type EndpointBook } from "./endpoint-book.ts";
import { listPage } from "./list-page.ts";
import { endpointObject, type StoredEndpoint } from "./stored-endpoint.ts";

/** What a request meets instead of being carried out; `lost`: it is carried out, but the answer does not arrive. */
export type EndpointFault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly kind: "lost" | "reset" };

/** How the fake behaves. */
export type FakeEndpointApiOptions = {
  /** The keys that are taken, with their permissions. By default `fakeEndpointKey` with all of them. */
  readonly keys?: ReadonlyMap<string, readonly string[]>;
  readonly delivery?: Partial<DeliveryOptions>;
  readonly port?: number;
  readonly host?: string;
};

/**
 * The part of Stripe's API that knows webhook endpoints: it keeps them by the documented rules, delivers events to them as
 * Stripe does, and lists the events that were sent. Lists of other objects are empty. An event as JSON that is posted to
 * `/fake/events` is sent as {@link FakeEndpointApi.send} does.
 */
export type FakeEndpointApi = AsyncDisposable & {
  readonly url: string;
  readonly book: EndpointBook;
  /** Methods and paths, in the order of the requests. */
  readonly requests: string[];
  readonly attempts: DeliveryAttempt[];
  /** What the next requests meet, in order; then answers again. */
  readonly faults: EndpointFault[];
  /** Waited for before a request is carried out. */
  onRequest: (request: string) => void | Promise<void>;
  /** Of a list, at most. */
  pageSize: number;
  /** Sends an event to all endpoints that receive it. @returns when each got it, or does not get it any more. */
  send(event: SentEvent): Promise<void>;
};

/** A key of test mode with all permissions. */
export const fakeEndpointKey = "rk_test_secret0fake";
/** By Stripe's names; writing includes reading. */
export const endpointPermissions = {
  read: "rak_webhook_read",
  write: "rak_webhook_write",
  events: "rak_event_read",
} as const;

const otherLists = new Set(["payment_intents", "charges", "refunds", "disputes"]);

/** Starts it. */
export async function fakeEndpointApi(options: FakeEndpointApiOptions = {}): Promise<FakeEndpointApi> {
  const { keys = new Map([[fakeEndpointKey, Object.values(endpointPermissions)]]) } = options;
  const book = createEndpointBook(() => Date.now() / 1_000);
  const sent: SentEvent[] = [];
  const answered = new Map<string, Answer>();
  const server = createServer(
    (request, response) => void handle(fake, { keys, sent, answered }, request, response),
  );
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  const fake: FakeEndpointApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    book,
    requests: [],
    attempts: [],
    faults: [],
    onRequest: () => {},
    pageSize: 100,
    async send(event) {
      sent.push(event);
      const delivery: DeliveryOptions = {
        retryDelaysMs: [50, 100, 200, 400, 800, 1_600],
        disableAfter: Infinity,
        route: (url) => url,
        onAttempt: (attempt) => void fake.attempts.push(attempt),
        ...options.delivery,
      };
      const exists = (endpoint: StoredEndpoint): boolean => book.endpoints.includes(endpoint);
      const receivers = book.endpoints.filter((endpoint) => receives(endpoint, event));
      await Promise.all(receivers.map((endpoint) => deliver(endpoint, event, delivery, exists)));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

type Access = {
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly sent: readonly SentEvent[];
  /** By idempotency key: https://docs.stripe.com/api/idempotent_requests */
  readonly answered: Map<string, Answer>;
};

async function handle(
  fake: FakeEndpointApi,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "", url = "", headers } = request;
  const body = await text(request);
  fake.requests.push(`${method} ${url}`);
  await fake.onRequest(`${method} ${url}`);
  const fault = fake.faults.shift();
  if (fault?.kind === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  if (url === "/fake/events") {
    void fake.send(JSON.parse(body) as SentEvent);
    response.writeHead(202).end();
    return;
  }
  const key = headers.authorization?.replace(/^Bearer /, "") ?? "";
  const repeated = access.answered.get(String(headers["idempotency-key"]));
  const answer =
    fault?.kind === "status"
      ? refusal(fault.status, { message: `fault ${fault.status}` })
      : (repeated ?? answerRequest(fake, access, { method, url: new URL(url, "http://stripe"), key, body }));
  if (answer.status === 200 && headers["idempotency-key"] !== undefined)
    access.answered.set(String(headers["idempotency-key"]), answer);
  if (fault?.kind === "lost") {
    response.socket?.resetAndDestroy();
    return;
  }
  const extra = fault?.kind === "status" ? fault.headers : {};
  response.writeHead(answer.status, { "content-type": "application/json", ...extra });
  response.end(JSON.stringify(answer.body));
}

type ApiRequest = {
  readonly method: string;
  readonly url: URL;
  readonly key: string;
  readonly body: string;
};

function answerRequest({ book, pageSize }: FakeEndpointApi, access: Access, request: ApiRequest): Answer {
  const { method, url, key, body } = request;
  const [, , list = "", id] = url.pathname.split("/");
  const permissions = access.keys.get(key);
  if (permissions === undefined) return refusal(401, { message: `Invalid API Key provided: ${masked(key)}` });
  const livemode = key.includes("_live_");
  const needed = neededPermissions(list, method);
  if (!needed.some((one) => permissions.includes(one))) {
    return refusal(403, {
      message: `The provided key '${masked(key)}' does not have the required permissions for this endpoint on account 'acct_1'. Having the '${needed[0]}' permission would allow this request to continue.`,
    });
  }
  if (list === "events" || otherLists.has(list)) {
    const events = list === "events" ? access.sent.filter((event) => event.livemode === livemode) : [];
    return listPage(events, list, url, pageSize);
  }
  if (list !== "webhook_endpoints")
    return refusal(404, { message: `Unrecognized request URL (${method}: ${url.pathname}).` });
  if (method === "POST")
    return id === undefined ? book.create(livemode, body) : book.update(livemode, id, body);
  if (id === undefined) {
    const all = book.endpoints.filter((one) => one.livemode === livemode);
    const objects = all.map((one) => ({ ...endpointObject(one), id: one.id, created: one.created }));
    return listPage(objects, "webhook endpoint", url, pageSize);
  }
  if (method === "DELETE") return book.remove(livemode, id);
  const found = book.find(livemode, id);
  return found === undefined
    ? refusal(404, { code: "resource_missing", message: `No such webhook endpoint: '${id}'` })
    : { status: 200, body: endpointObject(found) };
}

/** One of these is enough. */
function neededPermissions(list: string, method: string): readonly string[] {
  const { read, write, events } = endpointPermissions;
  if (list !== "webhook_endpoints") return [events];
  return method === "GET" ? [read, write] : [write];
}

/** A key as Stripe's messages show it. */
function masked(key: string): string {
  const prefix = /^[a-z]+_(?:live|test)_/.exec(key)?.[0] ?? "";
  return prefix + key.slice(prefix.length, -4).replaceAll(/./g, "*") + key.slice(-4);
}
