import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { eventually } from "@takings/testkit";
import { withClient } from "../src/postgres/roles.ts";
import { startOf } from "../src/processes/process-identity.ts";
import { readRunFile, type RunFile } from "../src/directory/run-file.ts";
import { RunDirectory, type ObservedRun } from "./test-programs/run.ts";

function pids(components: RunFile): number[] {
  return Object.values(components).map(({ pid }) => pid);
}

function alivePids(components: RunFile): number[] {
  return pids(components).filter((pid) => startOf(pid) !== undefined);
}

function urlOf(components: RunFile, name: string): string {
  return components[name]?.url ?? "";
}

describe("the local run", function () {
  this.timeout(120_000);

  describe("while it runs", () => {
    let dir: RunDirectory;
    let run: ObservedRun;
    before(async () => {
      dir = new RunDirectory();
      run = dir.start();
      await run.ready();
    });
    after(() => dir[Symbol.asyncDispose]());

    const components = (): RunFile => readRunFile(dir.path) ?? {};

    it("says in run.json where every component is, readable by its owner alone", () => {
      expect(components()).to.have.all.keys("ingress", "consumer", "revenue_query", "nats", "postgres");
      expect(alivePids(components())).to.have.length(5);
      expect(statSync(join(dir.path, "run.json")).mode & 0o777).to.equal(0o600);
    });

    it("keeps passwords in files that only their owner can read", () => {
      for (const file of ["secrets.json", "nats/nats.conf"]) {
        expect(statSync(join(dir.path, file)).mode & 0o077, file).to.equal(0);
        expect(readFileSync(join(dir.path, file), "utf8")).to.contain("admin");
      }
    });

    it("refuses a second start on the same directory and says who runs there", async () => {
      const second = dir.start();
      expect(await second.ended()).to.equal(1);
      expect(second.output()).to.contain(`pid ${run.pid}, ${urlOf(components(), "ingress")}`);
      expect(alivePids(components())).to.have.length(5);
    });

    for (const name of ["ingress", "nats", "postgres"]) {
      it(`starts a killed ${name} again, at the same address, and says so in run.json`, async () => {
        const old = components()[name];
        process.kill(old?.pid ?? 0, "SIGKILL");
        const fresh = await eventually("another pid", () => {
          const now = components()[name];
          return now?.pid === old?.pid ? undefined : now;
        });
        expect(fresh.url).to.equal(old?.url);
        expect(run.output()).to.match(new RegExp(`${name} ended \\(SIGKILL\\), starts again in 0.2 s`));
      });
    }

    it("serves queries again after its PostgreSQL was killed", async () => {
      const old = components()["postgres"]?.pid ?? 0;
      process.kill(old, "SIGKILL");
      await eventually("the end of the old server", () => startOf(old) === undefined);
      const answered = await eventually("an answer", () =>
        withClient(urlOf(components(), "postgres"), (client) => client.query("select 1")),
      );
      expect(answered.rowCount).to.equal(1);
    });
  });

  it("ends with 0 and leaves no process behind when it gets SIGTERM", async () => {
    await using dir = new RunDirectory();
    const run = dir.start();
    const components = await run.ready();
    run.process.kill("SIGTERM");
    expect(await run.ended()).to.equal(0);
    expect(alivePids(components)).to.deep.equal([]);
    expect(readRunFile(dir.path)).to.equal(undefined);
  });

  it("ends with 0 when it gets SIGTERM while it is still starting", async () => {
    await using dir = new RunDirectory();
    const run = dir.start();
    await eventually("the first component", () => Object.keys(readRunFile(dir.path) ?? {}).length > 0);
    run.process.kill("SIGTERM");
    expect(await run.ended()).to.equal(0);
    expect(dir.livingPids()).to.deep.equal([]);
  });

  it("leaves nothing alive when the supervisor is killed", async () => {
    await using dir = new RunDirectory();
    const run = dir.start();
    const components = await run.ready();
    run.process.kill("SIGKILL");
    await eventually("the end of every component", () => alivePids(components).length === 0, 15_000);
  });

  it("starts again on what a killed run left behind", async () => {
    await using dir = new RunDirectory();
    const first = dir.start();
    await first.ready();
    first.process.kill("SIGKILL");
    await first.ended();
    const components = await dir.start().ready();
    expect(alivePids(components)).to.have.length(5);
  });

  it("keeps its data from one run to the next", async () => {
    await using dir = new RunDirectory();
    const first = dir.start();
    const before = await first.ready();
    await withClient(urlOf(before, "postgres"), (client) => client.query("create table kept (id int)"));
    first.process.kill("SIGINT");
    await first.ended();
    const after = await dir.start().ready();
    const found = await withClient(urlOf(after, "postgres"), (client) => client.query("select from kept"));
    expect(found.rowCount).to.equal(0);
  });

  it("lets one of two simultaneous starts win", async () => {
    await using dir = new RunDirectory();
    const runs = [dir.start(), dir.start()];
    const loser = await Promise.race(runs.map(async (run) => ({ run, code: await run.ended() })));
    expect(loser.code).to.equal(1);
    expect(loser.run.output()).to.contain("already runs");
    const winner = runs.find((run) => run !== loser.run);
    expect(alivePids((await winner?.ready()) ?? {})).to.have.length(5);
  });

  it("names a taken port and the variable to set, and leaves nothing running", async () => {
    await using dir = new RunDirectory();
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const run = dir.start({ INGRESS_PORT: String(port) });
    expect(await run.ended()).to.equal(1);
    server.close();
    expect(run.output()).to.equal(
      `Port ${port} is already in use: set INGRESS_PORT to another one (0 picks a free one).\n`,
    );
    expect(dir.livingPids()).to.deep.equal([]);
  });

  it("listens on this machine alone, whatever name a shell exports as HOST", async () => {
    await using dir = new RunDirectory();
    const run = dir.start({ HOST: "my-laptop" });
    const { ingress } = await run.ready();
    expect(run.output()).to.contain('HOST is "my-laptop", which is no IP address');
    expect(await (await fetch(ingress?.url ?? "")).text()).to.contain("listens on 127.0.0.1");
  });

  it("says at once that the passwords beside its data are lost", async () => {
    await using dir = new RunDirectory();
    const first = dir.start();
    await first.ready();
    first.process.kill("SIGTERM");
    await first.ended();
    const path = join(dir.path, "secrets.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(/("postgres_superuser": ")..../, "$1xxxx"));
    const second = dir.start();
    expect(await second.ended()).to.equal(1);
    expect(second.output()).to.match(/^PostgreSQL refuses the password in secrets.json/m);
  });

  it("stops when the package manager that started it is killed", async () => {
    await using dir = new RunDirectory();
    const bin = mkdtempSync(join(tmpdir(), "takings-bin-"));
    const packageManager = join(bin, "pnpm");
    writeFileSync(packageManager, '"$@"\necho the package manager is still here\n');
    const run = dir.start({ STOP_WITH_STARTERS: "yes" }, packageManager);
    const components = await run.ready();
    run.process.kill("SIGKILL");
    await eventually("the end of every component", () => alivePids(components).length === 0, 15_000);
    await run.ended();
    expect(run.output()).to.contain("Stopping (the package manager has ended)");
    rmSync(bin, { recursive: true });
  });
});
