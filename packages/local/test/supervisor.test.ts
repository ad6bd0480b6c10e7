import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { eventually } from "@takings/testkit";
import type { ProcessDefinition } from "../src/processes/process-definition.ts";
import { createSupervisor } from "../src/processes/supervisor.ts";

const reaper = {
  watch: () => undefined,
  forget: () => undefined,
  removeOnExit: () => undefined,
  dismiss: () => undefined,
};

function sleeper(logFile: string, missing: () => Promise<string | undefined>): ProcessDefinition {
  return {
    name: "sleeper",
    signal: "SIGTERM",
    graceMs: 1_000,
    logFile,
    command: () => ({ command: "sleep", args: ["60"] }),
    ready: { withinMs: 30_000, missing },
  };
}

describe("the supervisor", function () {
  this.timeout(60_000);

  it("continues when the disk is too full to write run.json, and reports it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "takings-supervisor-"));
    const said: string[] = [];
    const stopping = new AbortController();
    let isFull = false;
    const changed = (): void => {
      const error = { code: "ENOSPC", syscall: "write", path: join(dir, "run.json") };
      if (isFull) throw Object.assign(new Error("no space"), error);
    };
    const say = (line: string): void => void said.push(line);
    const supervisor = createSupervisor({ reaper, signal: stopping.signal, say, changed });
    await supervisor.start(sleeper(join(dir, "log"), async () => undefined));
    const pid = (): number => supervisor.processes()[0]?.pid ?? 0;
    const first = pid();
    isFull = true;
    process.kill(first, "SIGKILL");
    await eventually("another process", () => pid() !== first);
    await eventually("the reason", () =>
      said.some((line) => line.includes("run.json: there is no space left")),
    );
    stopping.abort();
    await supervisor.stop(["sleeper"]);
    rmSync(dir, { recursive: true });
    expect(said[0]).to.include("sleeper ended (SIGKILL), starts again");
  });

  it("reports after a few seconds what it waits for", async () => {
    const dir = mkdtempSync(join(tmpdir(), "takings-supervisor-"));
    const said: string[] = [];
    const stopping = new AbortController();
    const say = (line: string): void => void said.push(line);
    const supervisor = createSupervisor({ reaper, signal: stopping.signal, say, changed: () => undefined });
    const lacks = async (): Promise<string | undefined> =>
      said.length === 0 ? "its store is empty" : undefined;
    await supervisor.start(sleeper(join(dir, "log"), lacks));
    stopping.abort();
    await supervisor.stop(["sleeper"]);
    rmSync(dir, { recursive: true });
    expect(said[0]).to.match(/^Waiting for sleeper \(after \d+ s, its store is empty\); its log: /);
  });
});
