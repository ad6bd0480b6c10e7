import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openLink } from "../src/nats-link.ts";
import { createTestContext } from "./test-context.ts";

describe("the NATS connection", () => {
  it("reports in time that no server responds, without revealing the password", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const reason = await link.connected(100).then(String, String);
    expect(reason).to.match(/no NATS server responds at nats:\/\/127\.0\.0\.1:\d+/);
    expect(reason).not.to.contain("test_ingress");
    await context.nats.start();
    await link.connected(5_000);
    await link.close();
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
