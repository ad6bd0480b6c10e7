import { isAccepted, type WebhookResponse } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import type { CaseContext } from "../fault-case.ts";
import type { NatsCluster, NatsServer } from "../nats-cluster.ts";
import { sleep } from "./steps.ts";

/** The installation of the cases with three NATS servers. */
export const onCluster = { natsServers: 3, ingresses: 2, consumers: 2 } as const;

/** What has a leader of its own. */
export type Led = "stream" | "durable";

const apis = {
  stream: { info: `STREAM.INFO.${stream.name}`, stepDown: `STREAM.LEADER.STEPDOWN.${stream.name}` },
  durable: {
    info: `CONSUMER.INFO.${stream.name}.${durable.name}`,
    stepDown: `CONSUMER.LEADER.STEPDOWN.${stream.name}.${durable.name}`,
  },
};

const electedWithinMs = 30_000;

export function clusterOf({ harness }: CaseContext): NatsCluster {
  const { natsCluster } = harness.servers;
  if (natsCluster === undefined) throw new Error("this case needs a cluster of NATS servers");
  return natsCluster;
}

/** The server that leads the stream or the durable, and the others. */
export async function leaderOf(
  context: CaseContext,
  what: Led = "stream",
): Promise<{ readonly leader: NatsServer; readonly followers: readonly NatsServer[] }> {
  const { servers, server } = clusterOf(context);
  const read = async (): Promise<NatsServer | undefined> => {
    const info = await context.harness.broker.api(apis[what].info);
    const { leader } = info["cluster"] as { leader?: string };
    return leader === undefined ? undefined : server(leader);
  };
  const leader = await eventually(`a leader of the ${what}`, read, electedWithinMs);
  return { leader, followers: servers.filter((one) => one !== leader) };
}

/** Waits until one of these servers, asked without a connection to NATS, sees one of them lead the stream. */
export async function untilOneLeads(servers: readonly NatsServer[]): Promise<void> {
  const names = servers.map(({ name }) => name);
  const sees = async ({ monitorUrl }: NatsServer): Promise<boolean> => {
    return names.includes((await streamOn(monitorUrl))?.cluster?.leader ?? "");
  };
  const anySees = async (): Promise<boolean> => (await Promise.all(servers.map(sees))).includes(true);
  await eventually(`one of ${names.join(", ")} to lead the stream`, anySees, electedWithinMs);
}

/** What is read of https://docs.nats.io, monitoring, `/jsz`. */
type StreamsPage = {
  readonly account_details?: readonly { readonly stream_detail?: readonly StreamDetail[] }[];
};
type StreamDetail = {
  readonly name: string;
  readonly cluster?: { readonly leader?: string };
  readonly state?: { readonly messages: number; readonly num_deleted?: number };
};

/** The stream as a server sees it, asked without a connection to NATS. */
async function streamOn(monitorUrl: string): Promise<StreamDetail | undefined> {
  const page = await fetch(`${monitorUrl}/jsz?accounts=true&streams=true`);
  const { account_details: accounts = [] } = (await page.json()) as StreamsPage;
  const details = accounts.flatMap(({ stream_detail: streams = [] }) => streams);
  return details.find(({ name }) => name === stream.name);
}

/** Makes the leader of the stream or the durable step down, in favour of a server if one is given. */
export async function stepDown({ harness }: CaseContext, what: Led, preferred?: NatsServer): Promise<void> {
  const placement = preferred && { placement: { preferred: preferred.name } };
  await harness.broker.api(apis[what].stepDown, placement);
}

/** Makes a server lead the stream. */
export async function moveLeader(context: CaseContext, to: NatsServer, what: Led = "stream"): Promise<void> {
  const moved = async (): Promise<boolean> => {
    if ((await leaderOf(context, what)).leader === to) return true;
    await stepDown(context, what, to);
    return false;
  };
  await eventually(`${to.name} to lead the ${what}`, moved, electedWithinMs, 500);
}

/** How many messages of the stream a server has, and how many it lacks between its first and its last one. */
export async function storedOn({
  monitorUrl,
}: NatsServer): Promise<{ readonly messages: number; readonly deleted: number }> {
  const state = (await streamOn(monitorUrl))?.state;
  return { messages: state?.messages ?? 0, deleted: state?.num_deleted ?? 0 };
}

/** One attempt at each address; a 2xx is a violation. */
export async function expectRefusals(context: CaseContext, where: string): Promise<void> {
  const { sender, harness, reportViolation } = context;
  const attempt = async (url: string): Promise<WebhookResponse> => sender.attempt(sender.next(), { url });
  const responses = await Promise.all(harness.urls().map(attempt));
  if (responses.some(isAccepted)) reportViolation("LOSS", `2xx ${where}`);
}

/** Repeats some work until a time has passed. */
export async function during(ms: number, work: () => Promise<unknown>, pauseMs = 0): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < ms) {
    await work();
    await sleep(pauseMs);
  }
}
