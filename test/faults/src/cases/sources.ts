import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createRevenueClient,
  isAccepted,
  postWebhook,
  RevenueQueryError,
  type StripeEvent,
} from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext, CaseWorkspace, FaultCase } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { untilDrained } from "../until-drained.ts";
import { deliver, inParallel, killUnderLoad, replicaOf } from "./steps.ts";

const source = "shop-eu";
const secret = "whsec_shop_eu";
const eventsInBoth = 150;
const withinMs = 30_000;

/** Events with the ids of those of another source must be stored too. */
export const sourceCases: readonly FaultCase[] = [
  {
    title: "same event ids in two sources",
    numbers: [],
    fault: "the events of one source are sent to another one too; ingress is killed meanwhile",
    expectation: "each source has its own event",
    harness: async (workspace) => withSource(workspace),
    cycles: 2,
    quiet: true,
    cycle: sendToBoth,
  },
];

/** Must detect an ingress that recognises events by their ids alone. */
export const sourceBrokenBuild: FaultCase = {
  title: "leaves the source out of message ids",
  numbers: [],
  fault:
    "an ingress that gives events of all sources the same message ids; two sources send the same event ids",
  harness: async (workspace) => ({ ...withSource(workspace), broken: { ingress: "leaves-out-source" } }),
  expectedViolation: "LOSS",
  quiet: true,
  cycle: sendToBoth,
};

function withSource({ dir }: CaseWorkspace): HarnessOptions {
  const file = join(dir, "sources.json");
  writeFileSync(file, JSON.stringify({ [source]: { webhook_secrets: [secret] } }));
  return { ingresses: 2, env: { ingress: { STRIPE_SOURCES_FILE: file } } };
}

async function sendToBoth(context: CaseContext): Promise<void> {
  const { harness, sender, reportViolation } = context;
  const events = Array.from({ length: eventsInBoth }, () => sender.next());
  const sent = inParallel(8, events, async (event) => {
    await deliver(context, event, withinMs);
    await deliverToSource(context, event);
  });
  await killUnderLoad(context, replicaOf(harness.ingresses, context).process);
  await sent;
  await untilDrained(harness, withinMs);
  const reader = createRevenueClient(harness.query.url, { source });
  await inParallel(8, events, async ({ id, body }) => {
    const stored = await reader.event(id).catch((error: unknown) => {
      if (error instanceof RevenueQueryError && error.status === 404) return undefined;
      throw error;
    });
    if (stored === undefined) reportViolation("LOSS", `${id} answered 2xx for ${source} but not stored`);
    else if (stored.payload !== body) reportViolation("FORGE", `${id} of ${source} stored with another body`);
  });
}

async function deliverToSource({ harness }: CaseContext, { id, body }: StripeEvent): Promise<void> {
  let attempts = 0;
  const attempt = async (): Promise<boolean> => {
    const urls = harness.urls();
    const url = `${urls[attempts++ % urls.length]}/webhooks/stripe/${source}`;
    return isAccepted(await postWebhook({ url, body, secret }));
  };
  await eventually(`a 2xx for ${id} of ${source}`, attempt, withinMs);
}
