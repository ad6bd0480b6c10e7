import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An object as Stripe would list it. */
export type StripeObject = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly created: number;
};

/** What a request is answered with instead of its list; `body` as it stands, and without an end where it is `drip`. */
type Fault = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly drip?: true;
};

/** Lists of Stripe's API as its documentation describes them, over what a test puts into them. */
export type FakeStripe = AsyncDisposable & {
  readonly url: string;
  /** By path and account: `events`, `refunds acct_1`. */
  readonly lists: Map<string, StripeObject[]>;
  /** Paths with their queries, in the order of the requests. */
  readonly requests: string[];
  /** What the next requests are answered with, in order; then lists again. */
  readonly faults: Fault[];
  /** Waited for before a request is answered. */
  onRequest: (path: string) => void | Promise<void>;
};

/** The only key that it takes. */
export const fakeStripeKey = "rk_test_secret0fake";

/** Starts it, with empty lists, on a port of the system's choice. */
export async function fakeStripe(): Promise<FakeStripe> {
  const server = createServer((request, response) => void answer(fake, request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const fake: FakeStripe = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists: new Map(),
    requests: [],
    faults: [],
    onRequest: () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

async function answer(fake: FakeStripe, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "", "http://stripe");
  const path = url.pathname.replace("/v1/", "");
  fake.requests.push(`${path}${url.search}`);
  await fake.onRequest(path);
  const fault = fake.faults.shift();
  const reply = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
  if (fault?.drip === true) {
    response.writeHead(fault.status, { "content-type": "application/json" });
    const timer = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(timer));
  } else if (fault?.body !== undefined) {
    reply(fault.status, fault.body, fault.headers);
  } else if (fault !== undefined) {
    reply(fault.status, { error: { type: "api_error", message: `fault ${fault.status}` } }, fault.headers);
  } else if (request.headers.authorization !== `Bearer ${fakeStripeKey}`) {
    reply(401, { error: { type: "invalid_request_error", message: "Invalid API Key provided" } });
  } else {
    const account = request.headers["stripe-account"];
    const all = fake.lists.get(account === undefined ? path : `${path} ${String(account)}`) ?? [];
    page(all, url.searchParams, reply);
  }
}

function page(
  all: readonly StripeObject[],
  query: URLSearchParams,
  reply: (status: number, body: unknown) => void,
): void {
  const [from, to] = [Number(query.get("created[gte]") ?? 0), Number(query.get("created[lt]") ?? 1e12)];
  const owners = ["charge", "payment_intent"].flatMap((name) => {
    const owner = query.get(name);
    return owner === null ? [] : [[name, owner] as const];
  });
  const types = [...query].filter(([name]) => name.startsWith("types")).map(([, type]) => type);
  const listed = all
    .filter(({ created }) => created >= from && created < to)
    .filter(({ type }) => types.length === 0 || types.includes(String(type)))
    .filter((item) => owners.every(([name, owner]) => idOf(item[name]) === owner))
    .toSorted((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  const after = query.get("starting_after");
  const index = after === null ? -1 : listed.findIndex(({ id }) => id === after);
  if (after !== null && index < 0) {
    reply(404, {
      error: { type: "invalid_request_error", code: "resource_missing", message: `No such: ${after}` },
    });
    return;
  }
  const limit = Number(query.get("limit") ?? 10);
  const data = listed.slice(index + 1, index + 1 + limit);
  reply(200, { object: "list", data, has_more: index + 1 + limit < listed.length });
}

/** An object's id, expanded or not. */
function idOf(reference: unknown): unknown {
  return typeof reference === "object" && reference !== null && "id" in reference ? reference.id : reference;
}
