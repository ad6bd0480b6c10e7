import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNatsAccounts, testNats, testVariable } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { createEventPublisher } from "../src/publish/event-publisher.ts";
import { openLink } from "../src/nats-link.ts";
import { outgoing, topology } from "./test-context.ts";

describe("a .creds file", () => {
  it("connects to a server with accounts, as a user with its own permissions", async () => {
    const { config, creds } = createNatsAccounts();
    const withAccounts = (local: string): string => local.slice(0, local.indexOf("authorization {")) + config;
    await using nats = await testNats({ rewrite: withAccounts });
    const dir = mkdtempSync(join(testVariable("TEST_DIR"), "creds-"));
    const url = new URL(nats.urls.admin);
    const open = async (user: "admin" | "ingress"): ReturnType<typeof openLink> => {
      const credsFile = join(dir, `${user}.creds`);
      writeFileSync(credsFile, creds[user]);
      return openLink({ url: `nats://${url.host}`, credsFile, name: user });
    };
    const admin = await open("admin");
    const ingress = await open("ingress");
    try {
      await applyTopology((await admin.connected(5_000)).nats, topology);
      await ingress.connected(5_000);
      const { publish } = createEventPublisher(ingress, { ackTimeoutMs: 4_000 });
      await publish(outgoing("evt_1"));
      const { nats: connection } = await ingress.connected(5_000);
      const manager = await connection.jetstreamManager({ timeout: 500 }).catch(String);
      expect(manager, "ingress may not ask for the account's information").to.be.a("string");
    } finally {
      await Promise.all([admin.close(), ingress.close()]);
    }
  });
});
