import { expect } from "chai";
import { describe, it } from "mocha";
import { readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import type { Cluster } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { note, settings } from "./settings.ts";

const perSecond = 25;

describe("pods deleted under load", function () {
  this.timeout(600_000);

  it("ingress, consumer, revenue-query: no webhook fails, no event is lost or counted twice", async () => {
    const failures = await underLoad("pods", 2_000, async (cluster) => {
      for (const component of ["ingress", "consumer", "revenue-query"]) await deleteOne(cluster, component);
    });
    expect(failures).to.deep.equal({});
  });

  it("without a grace period: failed webhooks are sent again, no event is lost or counted twice", async () => {
    const immediately = ["--grace-period=0", "--force"];
    await underLoad("hard", 1_000, async (cluster) => {
      for (const component of ["ingress", "consumer"]) await deleteOne(cluster, component, immediately);
    });
  });

  it("NATS and PostgreSQL: webhooks get 503 or no connection, no event is lost or counted twice", async () => {
    const began = Math.floor(Date.now() / 1_000) * 1_000;
    const failures = await underLoad("servers", 2_000, async (cluster) => {
      for (const server of ["takings-nats", "takings-postgres"]) {
        await cluster.kubectl(["delete", "pod", `${server}-0`, "--wait=false"]);
        await cluster.kubectl(["rollout", "status", `statefulset/${server}`, "--timeout=180s"], {
          timeoutMs: 200_000,
        });
      }
    });
    const others = Object.keys(failures).filter((kind) => kind !== "503");
    if (others.length === 0) return;
    // A Service leads nowhere only while none of its pods is ready, so each of them must have become unready.
    for (const kind of others) expect(kind).to.match(/^ECONNREFUSED: |^\d+ from elsewhere$/);
    expect(await readySince((await installed(settings)).cluster)).to.satisfy(
      (times: readonly number[]) => times.length > 0 && times.every((time) => time >= began),
    );
  });
});

/**
 * Sends at an even pace while `disturb` runs, then the rest faster, and checks that every event is counted once.
 * @returns the attempts that were not answered with 2xx, by status or network error.
 */
async function underLoad(
  run: string,
  count: number,
  disturb: (cluster: Cluster) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const installation = await installed(settings);
  const traffic = trafficOf(run, count);
  const { events } = traffic;
  const before = await readLedgerState(installation);
  const began = Date.now();
  const disturbing = disturb(installation.cluster).then(() => (Date.now() - began) / 1_000);
  const pace = { perSecond, until: disturbing };
  const [sent, disturbedSeconds] = await Promise.all([
    installation.client.send(events, { concurrency: 16, pace }),
    disturbing,
  ]);
  note(
    `failed attempts ${JSON.stringify(sent.failures)}, slowest delivery ${sent.slowestMs} ms, ${sent.seconds} s`,
  );
  expect(sent.seconds, "the load must outlast the disturbance").to.be.above(disturbedSeconds);
  expect(sent.accepted).to.equal(events.length);
  await untilCounted(installation, before, traffic);
  return sent.failures;
}

/** When each pod of ingress last became ready, in milliseconds; NaN where that is not known. */
async function readySince(cluster: Cluster): Promise<readonly number[]> {
  const pods = await cluster.objects("pods", "app.kubernetes.io/component=ingress");
  return pods.map(({ status }) => {
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    return Date.parse(ready?.lastTransitionTime ?? "");
  });
}

async function deleteOne(cluster: Cluster, component: string, flags: readonly string[] = []): Promise<void> {
  const [pod] = await cluster.objects("pods", `app.kubernetes.io/component=${component}`);
  if (pod === undefined) throw new Error(`There is no pod of ${component}`);
  await cluster.kubectl(["delete", "pod", pod.metadata.name, "--wait=false", ...flags]);
  await cluster.kubectl(["wait", "--for=delete", `pod/${pod.metadata.name}`, "--timeout=90s"]);
  await cluster.kubectl(["rollout", "status", `deployment/takings-${component}`, "--timeout=180s"], {
    timeoutMs: 200_000,
  });
}
