import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openLink } from "../src/nats-link.ts";
import { createTestContext } from "./test-context.ts";

describe("the NATS connection", () => {
  it("says in time that nobody answers, without giving the password away", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const reason = await link.connected(100).then(String, String);
    expect(reason).to.match(/no NATS server answers at nats:\/\/127\.0\.0\.1:\d+/);
    expect(reason).not.to.contain("test_ingress");
    await context.nats.start();
    await link.connected(5_000);
    await link.close();
  });

  it("tells of each loss and each return", async () => {
    await using context = await createTestContext({ bare: true });
    const link = await context.link("ingress");
    const told: boolean[] = [];
    link.watch(({ connected }) => told.push(connected));
    await context.nats.kill();
    await eventually("the loss", () => told.length === 2);
    expect(link.live()).to.equal(undefined);
    await context.nats.start();
    await eventually("the return", () => told.length === 3);
    expect(told).to.deep.equal([true, false, true]);
  });

  it("closes without telling of a loss, and has no connection then", async () => {
    await using context = await createTestContext({ bare: true });
    const link = await context.link("ingress");
    const told: boolean[] = [];
    link.watch(({ connected }) => told.push(connected));
    await link.close();
    await eventually("the end", () => link.live() === undefined);
    expect(told).to.deep.equal([true]);
  });
});
