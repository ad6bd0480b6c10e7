import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { allKinds, clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { settings } from "./settings.ts";

// The last test of the suite: nothing can use the installation after it.
describe("helm uninstall of the stack", function () {
  this.timeout(400_000);

  after(async () => {
    const { cluster } = await installed(settings);
    await cluster.kubectl(["delete", "namespace", cluster.namespace, "--timeout=120s"], {
      timeoutMs: 150_000,
    });
  });

  it("removes everything, including its data", async () => {
    const { cluster } = await installed(settings);
    await cluster.kubectl(["delete", "pod/e2e-client", "--wait=true"]);
    await cluster.helm(["uninstall", "stack", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    const own = ["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"];
    const isEmpty = async (): Promise<boolean> => {
      const left = await cluster.objects(allKinds);
      const names = left.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      if (!names.every((name) => own.includes(name))) throw new Error(names.join(" "));
      return true;
    };
    await eventually("an empty namespace", isEmpty, clusterTimeoutMs, clusterPollMs);
    expect(await cluster.helm(["list", "--short"])).to.equal("");
  });
});
