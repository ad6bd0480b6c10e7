import { expect } from "chai";
import { after, describe, it } from "mocha";
import { waitFor } from "../src/cluster/cluster.ts";
import { installed } from "../src/cluster/installation.ts";
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

  it("leaves nothing of the product", async () => {
    const { cluster } = await installed(settings);
    await cluster.helm(["uninstall", "takings", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    await waitFor("the last pods", async () => {
      const left = await cluster.objects(kinds, "app.kubernetes.io/instance=takings");
      return left.length === 0 || left.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(" ");
    });
  });

  it("leaves nothing of the stack, its data included", async () => {
    const { cluster } = await installed(settings);
    await cluster.kubectl([
      "delete",
      "pod/e2e-client",
      "pod/e2e-jaeger",
      "service/e2e-jaeger",
      "--wait=true",
    ]);
    await cluster.helm(["uninstall", "stack", "--wait", "--timeout", "3m"], { timeoutMs: 200_000 });
    const own = ["ConfigMap/kube-root-ca.crt", "ServiceAccount/default"];
    await waitFor("an empty namespace", async () => {
      const left = await cluster.objects(kinds);
      const names = left.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      return names.every((name) => own.includes(name)) || names.join(" ");
    });
    expect(await cluster.helm(["list", "--short"])).to.equal("");
  });
});
