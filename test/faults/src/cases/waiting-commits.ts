import type { StripeEvent } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import type { PairedServer, PostgresPair } from "../postgres-pair.ts";
import { compareResponses, recordResponses } from "../recorded-responses.ts";
import { killPrimary, pairOf } from "./failover.ts";
import { deliver, sleep } from "./steps.ts";

/** Long enough for the consumer to reconnect and to repeat its batch. */
const repeatedWithinMs = 4_000;

/** What makes commits visible that the standby does not have. */
const interruptionsOfCommits = {
  "is canceled": (pair) => interruptWaiting(pair.primary(), "pg_cancel_backend"),
  "is terminated": (pair) => interruptWaiting(pair.primary(), "pg_terminate_backend"),
  "survives a crash of the primary": crashWithWaiting,
} as const satisfies Readonly<Record<string, (pair: PostgresPair) => Promise<void>>>;

type Interruption = keyof typeof interruptionsOfCommits;
const allInterruptions = Object.keys(interruptionsOfCommits) as Interruption[];

/** Commits that wait for the standby become visible without it, and then the standby is promoted. */
export const waitingCommitCases: readonly FaultCase[] = [
  {
    title: "commit that waits for the standby interrupted",
    numbers: [38, 40],
    fault: `the standby is away; a commit that waits for it ${allInterruptions.join(", or ")}; its batch is repeated; then the standby is promoted`,
    expectation: "nothing is acknowledged that the standby does not have",
    harness: { standby: "synchronous" },
    cycles: allInterruptions.length,
    quiet: true,
    async cycle(context) {
      const how = allInterruptions[context.cycle % allInterruptions.length];
      if (how !== undefined) await loseWaitingCommits(context, how);
    },
  },
];

/** Commits on the primary alone, interrupts the wait, and loses the primary. */
export async function loseWaitingCommits(context: CaseContext, how: Interruption): Promise<void> {
  const pair = pairOf(context);
  await using recorder = recordResponses(context);
  const { process: standby } = pair.standby();
  standby.hold();
  await standby.end("SIGINT");
  for (const _ of [1, 2, 3]) await deliver(context, nextPayment(context));
  await untilBatchWaits(pair.primary());
  await interruptionsOfCommits[how](pair);
  await killPrimary(pair);
  standby.release();
  await pair.promote();
  context.healed();
  await pair.copyStandby();
  const responses = await recorder.stop();
  // Once the wait is over early, PostgreSQL shows a commit that no standby has.
  if (how === "survives a crash of the primary") await compareResponses(context, responses);
}

/** The next event of the traffic that changes totals. */
function nextPayment({ sender }: CaseContext): StripeEvent {
  for (;;) {
    const event = sender.next();
    if (event.type === "payment_intent.succeeded" && JSON.parse(event.body).livemode === true) return event;
  }
}

/** A session that commits a batch, and not one that only advances recorded time. */
const batchWaits = "wait_event = 'SyncRep' and query = 'commit'";

async function untilBatchWaits(server: PairedServer): Promise<void> {
  await eventually("a batch that waits for the standby", async () => {
    return (await server.sql(`select from pg_stat_activity where ${batchWaits}`)).length > 0;
  });
}

/** Interrupts every commit that waits, for a while, because consumers repeat their batches. */
async function interruptWaiting(server: PairedServer, how: string): Promise<void> {
  const interrupt = async (): Promise<boolean> => {
    const rows = await server.sql(`select ${how}(pid) from pg_stat_activity where ${batchWaits}`);
    return rows.length > 0;
  };
  await eventually("a commit that waits", interrupt);
  const until = performance.now() + repeatedWithinMs;
  while (performance.now() < until) {
    await interrupt();
    await sleep(200);
  }
}

/** After its restart the primary shows the commits that waited; consumers repeat them, as duplicates. */
async function crashWithWaiting(pair: PostgresPair): Promise<void> {
  const { process } = pair.primary();
  await process.end("SIGKILL");
  await process.ready();
  await sleep(repeatedWithinMs);
}
