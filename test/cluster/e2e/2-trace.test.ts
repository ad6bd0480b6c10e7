import { expect } from "chai";
import { describe, it } from "mocha";
import { readTotals, trafficOf, untilCounted } from "../src/cluster/ledger-state.ts";
import { waitFor } from "../src/cluster/cluster.ts";
import { installed } from "../src/cluster/installation.ts";
import { settings } from "./settings.ts";

/** As much of Jaeger's answer as is looked at. */
type Trace = {
  readonly spans: readonly {
    readonly operationName: string;
    readonly processID: string;
    readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  }[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
};

describe("traces out of the image", function () {
  this.timeout(300_000);

  it("lead from the HTTP request through the stream to the SQL statements", async () => {
    const installation = await installed(settings);
    const { client } = installation;
    // One after the other, so that there are batches of one, whose trace holds their SQL; every fifth is sampled.
    const { events, expected } = trafficOf("traced", 50);
    const before = await readTotals(installation);
    await client.send(events, { concurrency: 1 });
    await untilCounted(installation, before, expected);
    await waitFor("a whole trace", async () => {
      const { data }: { data: readonly Trace[] } = JSON.parse(
        await client.ask("http://e2e-jaeger:16686/api/traces?service=consumer&limit=500"),
      );
      const whole = data.some((trace) => {
        const services = Object.values(trace.processes).map(({ serviceName }) => serviceName);
        const asksDatabase = trace.spans.some(({ tags }) =>
          tags.some(({ key }) => key.startsWith("db.system")),
        );
        return services.includes("ingress") && services.includes("consumer") && asksDatabase;
      });
      return whole || `${data.length} traces, none of them whole`;
    });
  });

  it("name each pod that took part", async () => {
    const { client } = await installed(settings);
    const text = await client.ask("http://e2e-jaeger:16686/api/traces?service=ingress&limit=1");
    expect(text).to.match(/"k8s.pod.name","type":"string","value":"takings-ingress-/);
  });
});
