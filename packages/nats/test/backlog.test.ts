import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readBacklog } from "../src/backlog.ts";
import { openOn, setStage, unacknowledged } from "./stage.ts";

describe("the backlog", () => {
  it("is nothing when everything is committed", async () => {
    await using stage = await setStage();
    expect(await readBacklog(await stage.link("consumer"))).to.deep.equal({ pending: 0, oldest: undefined });
  });

  it("counts what is not delivered and what is not acknowledged, and knows the oldest of both", async () => {
    await using stage = await setStage();
    await stage.fill(1);
    const firstStored = (await stage.manager.streams.getMessage(stream.name, { seq: 1 })).time.getTime();
    await stage.fill(30);
    const deliveries = await openOn(stage, 10);
    await eventually("a batch to gather", async () => (await unacknowledged(stage)) === 10);
    const { pending, oldest } = await readBacklog(await stage.link("consumer"));
    expect(pending).to.equal(30);
    expect(oldest?.getTime()).to.be.within(firstStored - 1, firstStored + 1);
    await deliveries.stop();
  });

  it("cannot be read while NATS is away", async () => {
    await using stage = await setStage();
    const link = await stage.link("consumer");
    await stage.nats.kill();
    await eventually("the loss", () => link.live() === undefined);
    expect(await readBacklog(link).then(String, String)).to.contain("no connection to NATS");
  });
});
