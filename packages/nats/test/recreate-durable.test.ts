import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { ConsumerInfo, JetStreamManager } from "nats";
import { recreateDurable } from "../src/admin/recreate-durable.ts";
import { durableConfig } from "../src/topology.ts";
import { createTestContext } from "./test-context.ts";

/** The server's response when the state of the deleted durable is still being written: seen in about 1 of 1,000 cases. */
const renameFailed = new Error("rename o.dat.tmp o.dat: no such file or directory");

/** A manager whose creations of a consumer pass through `change`, which knows how many there were before. */
function changing(
  manager: JetStreamManager,
  change: (created: ConsumerInfo, before: number) => ConsumerInfo,
): JetStreamManager {
  let before = 0;
  const consumers = Object.create(manager.consumers) as JetStreamManager["consumers"];
  consumers.add = async (...args) => {
    const created = await manager.consumers.add(...args);
    before += 1;
    return change(created, before - 1);
  };
  return Object.assign(Object.create(manager) as JetStreamManager, { consumers });
}

describe("recreating the durable", () => {
  it("is repeated when the server fails to create it", async () => {
    await using context = await createTestContext();
    let failures = 0;
    const manager = changing(context.manager, (created, before) => {
      if (before > 0) return created;
      failures += 1;
      throw renameFailed;
    });
    await context.manager.consumers.delete(stream.name, durable.name);
    expect((await recreateDurable(manager, durableConfig())).name).to.equal(durable.name);
    expect(failures).to.equal(1);
  });

  it("is repeated when the new durable begins with acknowledgements", async () => {
    await using context = await createTestContext();
    const old = { consumer_seq: 3, stream_seq: 3 };
    const seen: number[] = [];
    const manager = changing(context.manager, (created, before) => {
      seen.push(before);
      return before < 2 ? { ...created, delivered: { ...created.delivered, ...old } } : created;
    });
    expect((await recreateDurable(manager, durableConfig())).delivered.consumer_seq).to.equal(0);
    expect(seen).to.deep.equal([0, 1, 2]);
  });

  it("fails with the server's reason when that persists", async () => {
    await using context = await createTestContext();
    const manager = changing(context.manager, () => {
      throw renameFailed;
    });
    expect(await recreateDurable(manager, durableConfig()).catch(String)).to.equal(String(renameFailed));
  });
});
