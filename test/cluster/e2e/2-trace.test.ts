import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readLedgerState, trafficOf, untilCounted } from "../src/ledger-state.ts";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { settings } from "./settings.ts";

/** The fields of Jaeger's response that the tests read. */
type Trace = {
  readonly spans: readonly {
    readonly operationName: string;
    readonly processID: string;
    readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
};

describe("traces of the image", function () {
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
      const { data }: { data: readonly Trace[] } = JSON.parse(
        await client.get("http://e2e-jaeger:16686/api/traces?service=consumer&limit=500"),
      );
      const complete = data.some((trace) => {
        const services = Object.values(trace.processes).map(({ serviceName }) => serviceName);
        const queriesDatabase = trace.spans.some(({ tags }) =>
          tags.some(({ key }) => key.startsWith("db.system")),
        );
        return services.includes("ingress") && services.includes("consumer") && queriesDatabase;
      });
      if (!complete) throw new Error(`${data.length} traces, none of them complete`);
      return true;
    };
    await eventually("a complete trace", isComplete, clusterTimeoutMs, clusterPollMs);
  });

  it("name the pods that took part", async () => {
    const { client } = await installed(settings);
    const text = await client.get("http://e2e-jaeger:16686/api/traces?service=ingress&limit=1");
    expect(text).to.match(/"k8s.pod.name","type":"string","value":"takings-ingress-/);
  });
});
