import { eventually } from "@takings/testkit";
import { describe, it } from "mocha";
import { allKinds, clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed, uninstallProduct } from "../src/installation.ts";
import { settings } from "./settings.ts";

describe("helm uninstall of the product", function () {
  this.timeout(400_000);

  it("removes everything", async () => {
    const { cluster } = await installed(settings);
    await uninstallProduct(cluster);
    const isGone = async (): Promise<boolean> => {
      const left = await cluster.objects(allKinds, "app.kubernetes.io/instance=takings");
      if (left.length > 0)
        throw new Error(left.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(" "));
      return true;
    };
    await eventually("the removal of all objects", isGone, clusterTimeoutMs, clusterPollMs);
  });
});
