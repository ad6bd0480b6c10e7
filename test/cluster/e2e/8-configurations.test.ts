import { basename } from "node:path";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { needs } from "../src/configuration-needs.ts";
import { defineMissing, optionalKinds, removeStubs } from "../src/custom-resources.ts";
import {
  imageValues,
  installed,
  installProduct,
  productChart,
  testProduct,
  uninstallProduct,
} from "../src/installation.ts";
import { configurations } from "../src/render.ts";
import { note, settings } from "./settings.ts";

/** An argument of helm uninstall: a failed installation may have left no release. */
const ifInstalled = ["--ignore-not-found"];

describe("each configuration in charts/takings/ci", function () {
  this.timeout(900_000);
  before(async () => {
    const { cluster } = await installed(settings);
    // Still there when this file runs alone.
    await uninstallProduct(cluster, ifInstalled);
    await defineMissing(cluster, optionalKinds);
  });
  after(async () => {
    const { cluster } = await installed(settings);
    await removeStubs(cluster);
  });

  for (const file of configurations())
    it(`becomes ready, counts an event and can be uninstalled: ${basename(file)}`, async () => {
      const { cluster } = await installed(settings);
      const need = needs[basename(file)];
      const began = Date.now();
      await need?.provide(cluster);
      try {
        await installProduct(cluster, "install", productChart, imageValues(settings), ["--values", file]);
        expect(await testProduct(cluster)).to.match(/^Phase: +Succeeded$/m);
      } finally {
        // A release that failed would reject the next.
        await uninstallProduct(cluster, ifInstalled);
        await need?.withdraw(cluster);
      }
      note(`${Math.round((Date.now() - began) / 1_000)} s`);
    });

  it("can be changed from one autoscaler of the consumer to the other and back", async () => {
    const { cluster } = await installed(settings);
    const change = async (action: "install" | "upgrade", provider: string): Promise<void> => {
      const autoscaling = `consumer.autoscaling.enabled=true,consumer.autoscaling.provider=${provider}`;
      // Nothing but the autoscaler is of interest, and jobs and readiness take time.
      const few = "ingress.replicas=1,revenueQuery.replicas=1,migration.enabled=false,stream.enabled=false";
      const more = ["--set", `${autoscaling},${few}`];
      await installProduct(cluster, action, productChart, imageValues(settings), more);
    };
    try {
      await change("install", "hpa");
      await change("upgrade", "keda");
      const isReady = ["wait", "--for=condition=Ready", "scaledobject/takings-consumer", "--timeout=60s"];
      await cluster.kubectl(isReady);
      await change("upgrade", "hpa");
      const isScaledByOne = async (): Promise<boolean> => {
        const scalers = await cluster.objects("horizontalpodautoscalers");
        const names = scalers.map(({ metadata }) => metadata.name);
        if (names.join() !== "takings-consumer") throw new Error(names.join());
        return true;
      };
      await eventually("one autoscaler", isScaledByOne, clusterTimeoutMs, clusterPollMs);
    } finally {
      await uninstallProduct(cluster, ifInstalled);
    }
  });
});
