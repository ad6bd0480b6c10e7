import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";
import { eventually } from "@takings/testkit";
import { freePorts } from "../src/network/ports.ts";
import { projectRoot } from "../src/project-root.ts";
import { RunDirectory } from "./test-programs/run.ts";

const script = fileURLToPath(new URL("../src/demo.ts", import.meta.url));

async function demo(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: projectRoot(),
    env: { ...process.env, ...env, TAKINGS_DIR: dir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [code] = await once(child, "close");
  return { code, output };
}

describe("The demo", function () {
  this.timeout(120_000);

  it("starts the real services where none run, finds every event counted once, and ends", async () => {
    await using dir = new RunDirectory();
    const { code, output } = await demo(dir.path, ["--events", "300", "--seed", "1"]);
    expect(output).to.match(/sent +366 deliveries of 300 events\naccepted +366 .*\ncounted once +yes/);
    expect(code).to.equal(0);
  });

  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    it(`leaves nothing behind when it gets ${signal} while it starts`, async () => {
      await using dir = new RunDirectory();
      const temporary = mkdtempSync(join(tmpdir(), "takings-interrupted-"));
      chmodSync(temporary, 0o711);
      const child = spawn(process.execPath, [script], {
        cwd: projectRoot(),
        env: { ...process.env, TAKINGS_DIR: dir.path, TMPDIR: temporary },
        stdio: "ignore",
      });
      const closed = once(child, "close");
      const own = await eventually(
        "a process of the stack that the demo starts",
        () => readdirSync(temporary).find((name) => existsSync(join(temporary, name, "processes.json"))),
        60_000,
      );
      expect(own).to.match(/^takings-demo-/);
      child.kill(signal);
      expect(await closed).to.deep.equal(signal === "SIGINT" ? [1, null] : [null, signal]);
      await eventually("an empty folder", () => readdirSync(temporary).length === 0, 30_000);
      rmSync(temporary, { recursive: true });
    });
  }

  it("retries while revenue-query responds 503, and takes addresses with their paths too", async () => {
    await using dir = new RunDirectory();
    let refusals = 2;
    const server = createServer((_, response) => {
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 503 : 200).end('{"totals":[]}');
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const addresses = ["--ingress", `${url}/webhooks/stripe`, "--revenue", `${url}/v1/revenue`];
    const { code, output } = await demo(dir.path, ["--events", "0", ...addresses]);
    server.close();
    expect(output).to.match(/counted once +yes/);
    expect(code).to.equal(0);
  });

  it("does not use a proxy for this machine", async () => {
    await using dir = new RunDirectory();
    const server = createServer((_, response) => response.end('{"totals":[]}'));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const proxy = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "", no_proxy: "" };
    const { code } = await demo(dir.path, ["--events", "0", "--ingress", url, "--revenue", url], proxy);
    server.close();
    expect(code).to.equal(0);
  });

  it("reports in one sentence that the connection was refused", async () => {
    await using dir = new RunDirectory();
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const { code, output } = await demo(dir.path, ["--events", "1", "--ingress", url, "--revenue", url]);
    expect(output).to.include(
      `No response from ${url} (connection refused): is that where revenue-query is, and does it run?\n`,
    );
    expect(code).to.equal(1);
  });

  it("stops, and says what to do, where ingress refuses the signature", async () => {
    await using dir = new RunDirectory();
    const server = createServer((request, response) => {
      const refuses = request.method === "POST";
      response.writeHead(refuses ? 400 : 200).end(refuses ? "no" : '{"totals":[]}');
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, output } = await demo(dir.path, ["--events", "50", "--ingress", url, "--revenue", url]);
    server.close();
    expect(output).to.match(/refused \S+ evt_\w+: 400 no.*set STRIPE_WEBHOOK_SECRETS as for pnpm start/);
    expect(code).to.equal(1);
  });

  it("starts nothing where it gets the addresses of a stack, and uses that one", async () => {
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
