import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLink } from "@takings/nats";
import { canHaveSmallDisk, eventually, smallDisk, testDatabase, testNatsCluster } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { acceptedEvents } from "./src/accepted-events.ts";
import { freezeWith, createRunbookContext, untilCommitted } from "./src/runbook-context.ts";
import { createOperator } from "./src/runbook.ts";

describe("recovery procedures about nats-server, executed as written", function () {
  this.timeout(180_000);

  if (canHaveSmallDisk("a full disk below NATS")) {
    it("NATS disk full: after freeing space and a restart it continues, with everything it confirmed", async () => {
      using disk = smallDisk(60_000_000);
      await using context = await createRunbookContext(10_000_000_000, { parent: disk.path });
      const events = acceptedEvents(context, 200_000);
      const frozen = await freezeWith(context, 4, events.accept);
      const { bavail, bsize } = statfsSync(disk.path);
      const ballast = join(disk.path, "ballast");
      writeFileSync(ballast, new Uint8Array(bavail * bsize - 2_000_000));
      await eventually("the disk to be full", async () => (await events.send()) === 503, 30_000);
      await eventually(
        "durability_broken with the write error",
        () =>
          context.ingress
            .lines()
            .some(({ msg, faults }) => msg === "durability_broken" && /no space left/.test(String(faults))),
        15_000,
      );
      const confirmed = events.count();

      // Steps 1 and 2: free space, restart nats-server.
      rmSync(ballast);
      await context.nats.restart();
      await events.accept(2);
      expect(events.count()).to.equal(confirmed + 2);
      await events.expectNoneGone();
      await context.startConsumer();
      frozen.resume();
      await untilCommitted(context);
      await events.expectWhole();
    });
  }

  it("storage limit used up by another stream: events are refused with an error, and no accepted one is lost", async () => {
    await using context = await createRunbookContext(10_000_000, { maxFileStoreBytes: 12_000_000 });
    const events = acceptedEvents(context, 100_000);
    const frozen = await freezeWith(context, 4, events.accept);
    const manager = await context.manager();
    await manager.streams.add({ name: "OTHER", subjects: ["other"] });
    const link = await openLink({ url: context.nats.urls.admin, name: "other" });
    const { nats } = await link.connected(5_000);
    const fill = async (): Promise<boolean> => {
      await nats.jetstream().publish("other", new Uint8Array(500_000));
      return false;
    };
    await eventually("the limit", () => fill().catch(() => true));
    await link.close();
    await eventually("a refusal", async () => (await events.send()) === 503);
    expect(context.ingress.output()).to.include("insufficient resources");

    await manager.streams.delete("OTHER");
    await events.accept(2);
    await context.startConsumer();
    frozen.resume();
    await untilCommitted(context);
    await events.expectWhole();
  });

  it("takings stream keeps three replicas and the size, with STREAM_MAX_BYTES alone or without settings", async () => {
    await using servers = await testNatsCluster();
    const [cluster] = servers.servers;
    await using database = await testDatabase();
    const operator = createOperator({
      nats: cluster.urls,
      database: {
        migrator: database.migratorUrl,
        reader: database.readerUrl,
        purger: database.purgerUrl,
        reconciler: database.reconcilerUrl,
      },
    });
    const settings = async (): Promise<unknown> => {
      const link = await openLink({ url: cluster.urls.admin, name: "admin" });
      const manager = await (await link.connected(5_000)).nats.jetstreamManager();
      const { config } = await manager.streams.info(stream.name);
      await link.close();
      return [config.num_replicas, config.max_bytes, config.max_msg_size, config.discard];
    };
    const made = await operator.run("STREAM_REPLICAS=3 STREAM_MAX_BYTES=50000000 takings stream");
    expect(made.code, made.output).to.equal(0);
    const steps = operator.follow("The stream is full");
    expect(await steps.next("takings purge --dry-run")).to.include("nothing is left on the stream");
    await steps.next("STREAM_MAX_BYTES=20000000000 takings stream");
    const enlarged = [3, 20_000_000_000, stream.maxMessageBytes, "new"];
    expect(await settings()).to.deep.equal(enlarged);
    // The fix that durability_broken states.
    for (const fix of ["takings stream", "STREAM_REPLICAS=3 takings stream"])
      expect((await operator.run(fix)).output).to.include("nothing was changed");
    for (const less of ["STREAM_REPLICAS=1", "STREAM_MAX_BYTES=50000000"])
      expect((await operator.run(`${less} takings stream`)).code, less).to.equal(1);
    expect(await settings()).to.deep.equal(enlarged);
  });
});
