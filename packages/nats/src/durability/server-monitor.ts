import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { get as getPlain } from "node:http";
import { get as getSecure } from "node:https";
import { isIP } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const serverVariables = z.object({
  server_id: z.string(),
  server_name: z.string(),
  max_payload: z.number(),
  jetstream: z.object({ config: z.object({ sync_always: z.boolean().default(false) }).optional() }),
});
/** The identity and the configuration of a server. */
type ServerFacts = z.output<typeof serverVariables>;

/** The errors that `/healthz` lists: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
const serverHealth = z.object({
  errors: z.array(z.object({ stream: z.string().optional(), error: z.string() })).default([]),
});
/** What a server reports about its health. */
type ServerHealth = z.output<typeof serverHealth>;

/** What one server reported at one time. */
export type ServerReport = { readonly facts: ServerFacts; readonly health: ServerHealth };

/** The reports of all servers that responded, and why others did not. */
export type MonitorResponses = {
  readonly reports: readonly ServerReport[];
  readonly failures: readonly string[];
};

type Page = { readonly status: number; readonly body: string };

const timeoutMs = 2_000;

/**
 * Queries the server at each address of each URL: a host name may resolve to all servers of a cluster.
 * @param caFile a PEM file with the authorities of `https` URLs; without it the public ones. It is read at each call.
 * @throws Error when the file cannot be read.
 */
export async function queryServers(
  monitorUrls: readonly string[],
  caFile?: string,
): Promise<MonitorResponses> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  const lookups = await Promise.allSettled(monitorUrls.map(addressesOf));
  const addresses = lookups.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const queries = await Promise.allSettled(addresses.map((address) => queryServer(address, ca)));
  return {
    reports: queries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])),
    failures: [...lookups, ...queries].flatMap((one) =>
      one.status === "rejected" ? [reasonOf(one.reason)] : [],
    ),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Address = { readonly url: string; readonly host: string };

async function addressesOf(url: string): Promise<readonly Address[]> {
  const name = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(name) !== 0) return [{ url, host: name }];
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => ({ url, host: address }));
}

async function queryServer(address: Address, ca: Buffer | undefined): Promise<ServerReport> {
  // When something is wrong /healthz has an error status, and its body lists the errors.
  const [variables, health] = await Promise.all([
    fetchPage(address, ca, "/varz"),
    fetchPage(address, ca, "/healthz?details=true"),
  ]);
  if (variables.status !== 200)
    throw new Error(`${address.url}/varz responds with status ${variables.status}`);
  return {
    facts: serverVariables.parse(JSON.parse(variables.body)),
    health: serverHealth.parse(JSON.parse(health.body)),
  };
}

/** Not with `fetch`: its kept-alive connections lead to the same server behind a load balancer each time. */
function fetchPage({ url, host }: Address, ca: Buffer | undefined, path: string): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const target = new URL(path, url);
  const get = target.protocol === "https:" ? getSecure : getPlain;
  const fail = (cause: Error): void =>
    reject(new Error(`${url}${path} at ${host}: ${cause.message || String(cause)}`, { cause }));
  get(
    target,
    {
      agent: false,
      ca,
      signal: AbortSignal.timeout(timeoutMs),
      lookup: (_name, { all }, found) => {
        const address = { address: host, family: isIP(host) };
        if (all === true) found(null, [address]);
        else found(null, address.address, address.family);
      },
    },
    (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), fail);
    },
  ).on("error", fail);
  return promise;
}
