import { type Cluster, secret } from "./cluster.ts";
import { startNatsWithAccounts, stopNatsWithAccounts } from "./nats-with-accounts.ts";

/** What a configuration of charts/takings/ci needs beside the stack, as the comment at its beginning says. */
export type Need = {
  /** Creates it. */
  provide(cluster: Cluster): Promise<void>;
  /** Removes it. */
  withdraw(cluster: Cluster): Promise<void>;
};

/** The needs by the name of the values file. Other files need the stack only. */
export const needs: Readonly<Record<string, Need>> = {
  "creds-values.yaml": { provide: startNatsWithAccounts, withdraw: stopNatsWithAccounts },
  "everything-values.yaml": secretWith("takings-stripe-api", async () => ({ STRIPE_API_KEY: "rk_test_e2e" })),
  "operators-values.yaml": secretWith("takings-db-app", async (cluster) => ({
    uri: await ownerUrl(cluster),
  })),
};

async function ownerUrl(cluster: Cluster): Promise<string> {
  const path = ["--output", "jsonpath={.data.migrator}"];
  return Buffer.from(
    await cluster.kubectl(["get", "secret", "takings-postgres", ...path]),
    "base64",
  ).toString();
}

function secretWith(name: string, data: (cluster: Cluster) => Promise<object>): Need {
  return {
    async provide(cluster) {
      await cluster.apply(secret(name, await data(cluster)));
    },
    async withdraw(cluster) {
      await cluster.kubectl(["delete", "secret", name, "--ignore-not-found"]);
    },
  };
}
