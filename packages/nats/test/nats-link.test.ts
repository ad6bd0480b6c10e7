import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type LinkChange, openLink } from "../src/nats-link.ts";
import { createTestContext } from "./test-context.ts";

describe("the NATS connection", () => {
  it("reports in time that no server responds, without revealing the password", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const reason = await link.connected(100).then(String, String);
    expect(reason).to.match(/no NATS server responds at nats:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/);
    expect(reason).not.to.contain("test_ingress");
    await context.nats.start();
    await link.connected(5_000);
    await link.close();
  });

  it("reports once why there is no connection yet, and its later return", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const changes: LinkChange[] = [];
    link.watch((change) => changes.push(change));
    await link.connected(1_500).catch(() => {});
    await context.nats.start();
    await link.connected(5_000);
    expect(changes.map(({ connected, reason }) => [connected, reason?.replace(/:\d+$/, "")])).to.deep.equal([
      [false, "connect ECONNREFUSED 127.0.0.1"],
      [true, undefined],
    ]);
    expect(changes[0]?.server).to.equal(context.nats.urls.ingress.replace("ingress:test_ingress@", ""));
    await link.close();
  });

  it("is not attempted any more once it was closed", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const reasons: unknown[] = [];
    link.broken.catch((error: unknown) => reasons.push(error));
    link.watch((change) => reasons.push(change));
    await eventually("the reason", () => reasons.length === 1);
    await link.close();
    await context.nats.start();
    expect(await link.connected(700).then(String, () => "none")).to.equal("none");
    expect(reasons).to.have.length(1);
  });

  it("reports each loss and each return", async () => {
    await using context = await createTestContext({ bare: true });
    const link = await context.link("ingress");
    const changes: boolean[] = [];
    link.watch(({ connected }) => changes.push(connected));
    await context.nats.kill();
    await eventually("the loss", () => changes.length === 2);
    expect(link.live()).to.equal(undefined);
    await context.nats.start();
    await eventually("the return", () => changes.length === 3);
    expect(changes).to.deep.equal([true, false, true]);
  });

  it("closes without reporting a loss, and has no connection then", async () => {
    await using context = await createTestContext({ bare: true });
    const link = await context.link("ingress");
    const changes: boolean[] = [];
    link.watch(({ connected }) => changes.push(connected));
    await link.close();
    await eventually("the end", () => link.live() === undefined);
    expect(changes).to.deep.equal([true]);
  });
});
