import { expect } from "chai";
import { describe, it } from "mocha";
import { createServer } from "node:net";
import { freePorts } from "../src/network/ports.ts";

const isClaimed = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen(`\0takings-port-${port}`, () => server.close(() => resolve(false)));
  });

describe("Free ports", () => {
  it("are claimed before anything listens on them, so that no other process is given the same one", async function () {
    // macOS has no abstract namespace.
    if (process.platform !== "linux") return;
    const ports = await freePorts(20);
    expect(await Promise.all(ports.map(isClaimed))).to.deep.equal(ports.map(() => true));
    expect(await isClaimed(Math.min(...ports) - 10_000)).to.equal(false);
  });
});
