import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canHaveSmallDisk, eventually, smallDisk } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { event, eventOfBytes } from "./post-webhook.ts";
import { startReadyServer } from "./test-server.ts";
import { createTestContext } from "./test-context.ts";

const what = "a full disk below NATS";

if (canHaveSmallDisk(what)) {
  describe(`${what} (fault 22)`, function () {
    this.timeout(60_000);

    it("results in 503; with space and a restart ingress continues, and what was confirmed is stored", async () => {
      using disk = smallDisk(16_000_000);
      await using context = await createTestContext({ parent: disk.path });
      await using ingress = await startReadyServer(context.nats, { ackTimeoutMs: 1_000 });
      const ballast = join(disk.path, "ballast");
      writeFileSync(ballast, new Uint8Array(8_000_000));
      const confirmed: string[] = [];
      let status = 200;
      for (let n = 0; n < 60 && status === 200; n += 1) {
        const body = eventOfBytes(400_000);
        ({ status } = await ingress.post(body));
        if (status === 200) confirmed.push(body);
      }
      expect(status).to.equal(503);
      expect(confirmed).not.to.have.length(0);
      rmSync(ballast);
      await context.nats.restart();
      await eventually("a stored event", async () => (await ingress.post(event())).status === 200);
      const messages = await eventually("the stream", () => context.stored());
      const stored = messages.map(({ body }) => body.toString());
      expect(confirmed.filter((body) => !stored.includes(body))).to.deep.equal([]);
    });
  });
}
