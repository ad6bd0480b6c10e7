import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { projectRoot } from "../src/project-root.ts";
import { RunDirectory } from "./stand-ins/run.ts";

async function demo(dir: string, args: readonly string[]): Promise<{ code: unknown; output: string }> {
  const script = fileURLToPath(new URL("../src/demo.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, TAKINGS_DIR: dir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (piece) => (output += String(piece)));
  const [code] = await once(child, "close");
  return { code, output };
}

describe("the demo", function () {
  this.timeout(120_000);

  it("starts the real services where none run, and finds every event counted once", async () => {
    await using dir = new RunDirectory();
    const { code, output } = await demo(dir.path, ["--events", "300", "--seed", "1"]);
    expect(output).to.match(/sent +360 deliveries of 300 events\naccepted +360 .*\ncounted once +yes/);
    expect(code).to.equal(0);
  });

  it("starts nothing where it is told of a stack, and asks that one", async () => {
    await using dir = new RunDirectory();
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end('{"totals":[]}');
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, output } = await demo(dir.path, ["--events", "0", "--ingress", url, "--revenue", url]);
    server.close();
    expect(output)
      .to.match(/counted once +yes: 0 payments/)
      .and.not.include("Nothing runs here");
    expect(asked).to.include("/v1/revenue?livemode=false");
    expect(code).to.equal(0);
  });
});
