import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, temporaryDirectory } from "@takings/local";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";

describe("The demo with --keep", function () {
  this.timeout(120_000);

  it("leads to a page that shows the money, until it is interrupted", async () => {
    const dir = temporaryDirectory("takings-demo-page-");
    const child = spawn(
      process.execPath,
      [join(projectRoot(), "packages/local/src/demo.ts"), "--events", "20", "--keep"],
      { cwd: projectRoot(), env: { ...process.env, TAKINGS_DIR: dir }, stdio: ["ignore", "pipe", "inherit"] },
    );
    const closed = once(child, "close");
    let output = "";
    child.stdout.on("data", (chunk) => (output += String(chunk)));
    try {
      const url = await eventually("the link", () => /browser: (\S+)\n/.exec(output)?.[1], 60_000);
      expect(await (await fetch(url)).text()).to.match(/<data value="[1-9][^>]*data-field="net"/);
    } finally {
      child.kill("SIGINT");
    }
    expect(await closed).to.deep.equal([0, null]);
    rmSync(dir, { recursive: true, force: true });
  });
});
