import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { readTrace, searchTraces } from "../src/tempo.ts";
import { settings } from "./settings.ts";

describe("traces of the image, in Tempo", function () {
  this.timeout(300_000);

  it("lead from the HTTP request through the stream to the SQL statements", async () => {
    const installation = await installed(settings);
    const { client } = installation;
    // One at a time, because the trace of a batch of one contains its SQL statements. Every fifth is sampled.
    const traffic = trafficOf("traced", 50);
    const { events } = traffic;
    const before = await readLedgerState(installation);
    await client.send(events, { concurrency: 1 });
    await untilCounted(installation, before, traffic);
    const isComplete = async (): Promise<boolean> => {
      const ids = await searchTraces(
        client,
        '{ resource.service.name = "consumer" && span.db.system.name != nil }',
      );
      for (const id of ids) {
        const spans = await readTrace(client, id);
        const services = spans.map(({ resource }) => resource["service.name"]);
        if (services.includes("ingress") && services.includes("consumer")) return true;
      }
      throw new Error(`${ids.length} traces with SQL of the consumer, none of them begins in ingress`);
    };
    await eventually("a complete trace", isComplete, clusterTimeoutMs, clusterPollMs);
  });

  it("name the pods that took part", async () => {
    const { client } = await installed(settings);
    const [id = ""] = await searchTraces(client, '{ resource.service.name = "ingress" }');
    const spans = await readTrace(client, id);
    const span = spans.find(({ resource }) => resource["service.name"] === "ingress");
    expect(span?.resource["k8s.pod.name"]).to.match(/^takings-ingress-/);
  });
});
