import { expect } from "chai";
import { describe, it } from "mocha";
import { countEvents, readTotals, trafficOf, untilCounted } from "../src/cluster/ledger-state.ts";
import type { Cluster } from "../src/cluster/cluster.ts";
import { installed } from "../src/cluster/installation.ts";
import { note, settings } from "./settings.ts";

const perSecond = 25;

describe("pods that are deleted under load", function () {
  this.timeout(600_000);

  it("of ingress, consumer and revenue-query: no webhook fails, nothing is lost, nothing counted twice", async () => {
    const failures = await underLoad("pods", 1_500, async (cluster) => {
      for (const component of ["ingress", "consumer", "revenue-query"]) await deleteOne(cluster, component);
    });
    expect(failures).to.deep.equal({});
  });

  it("without any grace: what fails is sent again, nothing is lost, nothing counted twice", async () => {
    const now = ["--grace-period=0", "--force"];
    await underLoad("hard", 1_000, async (cluster) => {
      for (const component of ["ingress", "consumer"]) await deleteOne(cluster, component, now);
    });
  });

  it("of NATS and PostgreSQL: 503 meanwhile, nothing is lost, nothing counted twice", async () => {
    const failures = await underLoad("servers", 1_500, async (cluster) => {
      for (const server of ["takings-nats", "takings-postgres"]) {
        await cluster.kubectl(["delete", "pod", `${server}-0`, "--wait=false"]);
        await cluster.kubectl(["rollout", "status", `statefulset/${server}`, "--timeout=180s"], {
          timeoutMs: 200_000,
        });
      }
    });
    expect(Object.keys(failures)).to.satisfy((kinds: string[]) => kinds.every((kind) => kind === "503"));
  });
});

/** Sends at an even pace while `disturb` goes on, and returns what did not get a 2xx at once. */
async function underLoad(
  run: string,
  count: number,
  disturb: (cluster: Cluster) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const installation = await installed(settings);
  const { events, expected } = trafficOf(run, count);
  const before = await readTotals(installation);
  const eventsBefore = await countEvents(installation);
  const began = Date.now();
  const sending = installation.client.send(events, { concurrency: 16, perSecond });
  const disturbing = disturb(installation.cluster).then(() => (Date.now() - began) / 1_000);
  const [sent, disturbedSeconds] = await Promise.all([sending, disturbing]);
  note(
    `failed attempts ${JSON.stringify(sent.failures)}, slowest delivery ${sent.slowestMs} ms, ${sent.seconds} s`,
  );
  expect(sent.seconds, "the load must outlast the disturbance").to.be.above(disturbedSeconds);
  expect(sent.accepted).to.equal(events.length);
  await untilCounted(installation, before, expected);
  expect((await countEvents(installation)) - eventsBefore).to.equal(events.length);
  return sent.failures;
}

async function deleteOne(cluster: Cluster, component: string, how: readonly string[] = []): Promise<void> {
  const [pod] = await cluster.objects("pods", `app.kubernetes.io/component=${component}`);
  if (pod === undefined) throw new Error(`no pod of ${component}`);
  await cluster.kubectl(["delete", "pod", pod.metadata.name, "--wait=false", ...how]);
  await cluster.kubectl(["wait", "--for=delete", `pod/${pod.metadata.name}`, "--timeout=90s"]);
  await cluster.kubectl(["rollout", "status", `deployment/takings-${component}`, "--timeout=180s"], {
    timeoutMs: 200_000,
  });
}
