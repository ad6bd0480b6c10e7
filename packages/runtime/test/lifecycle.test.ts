import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually, nodeCommand } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";

type Line = Readonly<Record<string, unknown>>;

/** A process that runs the test program. */
class TestProgram implements AsyncDisposable {
  readonly #child;
  #output = "";
  #errors = "";

  constructor(env: Readonly<Record<string, string>>) {
    const main = join(import.meta.dirname, "test-programs/main.ts");
    const { command, args, ...options } = nodeCommand([main], { PATH: process.env["PATH"], ...env });
    this.#child = spawn(command, args, { ...options, stdio: "pipe" });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
  }

  get errors(): string {
    return this.#errors;
  }

  lines(): Line[] {
    return this.#output
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Line);
  }

  logged(message: string): Promise<unknown> {
    return eventually(message, () => this.lines().some(({ msg }) => msg === message));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async code(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.code();
  }
}

function released(lines: readonly Line[]): unknown[] {
  return lines.filter(({ msg }) => msg === "released").map(({ component }) => component);
}

describe("service lifecycle", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`exits 0 on ${signal} after releasing its parts, newest first, one after the other`, async () => {
      await using service = new TestProgram({});
      await service.logged("started");
      service.signal(signal);
      expect(await service.code()).to.equal(0);
      expect(released(service.lines())).to.deep.equal(["signal", "third", "second", "first"]);
      expect(service.lines().at(-1)).to.include({ msg: "exit", reason: "stopped", exit_code: 0 });
    });
  }

  it("exits 1 at once on a second signal", async () => {
    await using service = new TestProgram({ RELEASE: "hangs" });
    await service.logged("started");
    service.signal("SIGTERM");
    await service.logged("releasing");
    service.signal("SIGINT");
    expect(await service.code()).to.equal(1);
    expect(service.lines().at(-1)).to.include({ msg: "exit", reason: "second SIGINT" });
    expect(released(service.lines())).to.deep.equal(["signal"]);
  });

  it("exits 1 when its grace period is over", async () => {
    await using service = new TestProgram({ RELEASE: "hangs", GRACE_MS: "200" });
    await service.logged("started");
    service.signal("SIGTERM");
    expect(await service.code()).to.equal(1);
    expect(service.lines().at(-1)).to.include({ reason: "grace period is over" });
  });

  it("releases the other parts when one fails to be released, and logs which", async () => {
    await using service = new TestProgram({ RELEASE: "fails" });
    await service.logged("started");
    service.signal("SIGTERM");
    expect(await service.code()).to.equal(0);
    expect(released(service.lines())).to.deep.equal(["signal", "third", "first"]);
    expect(service.lines().find(({ msg }) => msg === "release_failed")).to.include({ component: "second" });
  });

  it("exits 1 with the bad keys on stderr, without a stack, when its environment is invalid", async () => {
    await using service = new TestProgram({ PORT: "x", SIZE: "y" });
    expect(await service.code()).to.equal(1);
    expect(service.errors).to.match(/^the environment is not usable:\n {2}PORT: .*\n {2}SIZE: .*\n$/);
  });

  it("exits 1 with the error on stderr when its start fails, and releases the parts that were created", async () => {
    await using service = new TestProgram({ START: "throws" });
    expect(await service.code()).to.equal(1);
    expect(service.errors).to.contain("Error: cannot be built");
    expect(released(service.lines())).to.deep.equal(["signal", "third", "second", "first"]);
  });

  it("exits 1 after releasing its parts when it fails", async () => {
    await using service = new TestProgram({ LATER: "fail" });
    expect(await service.code()).to.equal(1);
    expect(service.lines().find(({ level }) => level === "fatal")).to.include({ msg: "dependency_lost" });
    expect(released(service.lines())).to.include.members(["third", "second", "first"]);
  });

  for (const [what, later] of [
    ["an error", "throw"],
    ["a rejection", "reject"],
  ] as const) {
    it(`exits 1 on ${what} that is not caught, and logs it`, async () => {
      await using service = new TestProgram({ LATER: later });
      expect(await service.code()).to.equal(1);
      const fatal = service.lines().find(({ level }) => level === "fatal");
      expect(fatal).to.include({ msg: "uncaught_exception" });
      expect(JSON.stringify(fatal)).to.contain("nobody catches this");
    });
  }
});

describe("the log of a service", () => {
  it("is JSON lines with level, service and an ISO time", async () => {
    await using service = new TestProgram({});
    await service.logged("started");
    const [line] = service.lines();
    expect(line).to.include({ level: "info", service: "test-program", msg: "started" });
    expect(String(line?.["time"])).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("omits secrets in errors, headers and settings", async () => {
    await using service = new TestProgram({ LATER: "log" });
    await service.logged("started");
    const text = JSON.stringify(service.lines());
    expect(text).to.contain("with an error").and.to.contain("with headers").and.to.contain("with settings");
    expect(text).not.to.contain("secret");
    expect(text).to.contain('"user":"u"').and.to.contain('"host":"h"');
  });

  it("has a thrown text and a date as they are", async () => {
    await using service = new TestProgram({ LATER: "log" });
    await service.logged("started");
    const line = service.lines().find(({ msg }) => msg === "with values of other kinds");
    expect(line).to.include({ err: "a thrown text", at: "1970-01-01T00:00:00.000Z" });
  });
});
