import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, describe, it } from "mocha";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { settings } from "./settings.ts";

const kinds =
  "all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims,scaledobjects";

describe("helm uninstall", function () {
  this.timeout(400_000);

  after(async () => {
    const { cluster } = await installed(settings);
    await cluster.kubectl(["delete", "namespace", cluster.namespace, "--timeout=120s"], {
      timeoutMs: 150_000,
    });
  });

  it("removes everything of the product", async () => {
    const { cluster } = await installed(settings);
    await cluster.helm(["uninstall", "takings", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    const isGone = async (): Promise<boolean> => {
      const left = await cluster.objects(kinds, "app.kubernetes.io/instance=takings");
      if (left.length > 0)
        throw new Error(left.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(" "));
      return true;
    };
    await eventually("the removal of all objects", isGone, clusterTimeoutMs, clusterPollMs);
  });

  it("removes everything of the stack, including its data", async () => {
    const { cluster } = await installed(settings);
    await cluster.kubectl(["delete", "pod/e2e-client", "--wait=true"]);
    await cluster.helm(["uninstall", "stack", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    const own = ["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"];
    const isEmpty = async (): Promise<boolean> => {
      const left = await cluster.objects(kinds);
      const names = left.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      if (!names.every((name) => own.includes(name))) throw new Error(names.join(" "));
      return true;
    };
    await eventually("an empty namespace", isEmpty, clusterTimeoutMs, clusterPollMs);
    expect(await cluster.helm(["list", "--short"])).to.equal("");
  });
});
