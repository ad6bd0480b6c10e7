import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { projectRoot } from "../src/project-root.ts";
import { RunDirectory } from "./stand-ins/run.ts";

describe("the demo", function () {
  this.timeout(120_000);

  it("starts the real services where none run, and finds every event counted once", async () => {
    await using dir = new RunDirectory();
    const script = fileURLToPath(new URL("../src/demo.ts", import.meta.url));
    const demo = spawn(process.execPath, [script, "--events", "300", "--seed", "1"], {
      cwd: projectRoot(),
      env: { ...process.env, TAKINGS_DIR: dir.path },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    demo.stdout.on("data", (piece) => (output += String(piece)));
    const [code] = await once(demo, "close");
    expect(output).to.match(/sent +360 deliveries of 300 events\naccepted +360 .*\ncounted once +yes/);
    expect(code).to.equal(0);
  });
});
