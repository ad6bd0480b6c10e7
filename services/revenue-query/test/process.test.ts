import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createPool } from "@takings/postgres";
import { eventually, nodeCommand, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

type Running = { readonly child: ChildProcess; readonly output: () => string };

describe("the revenue-query process", () => {
  let database: TestDatabase;
  const started: ChildProcess[] = [];

  before(async () => {
    database = await testDatabase();
  });

  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  after(() => database.drop());

  function start(env: Readonly<Record<string, string>>): Running {
    const { command, args, ...options } = nodeCommand([main], { PORT: "0", ADMIN_PORT: "0", ...env });
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    started.push(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += String(text)));
    return { child, output: () => output };
  }

  async function addresses({ output }: Running): Promise<{ readonly url: string; readonly admin: string }> {
    const line = await eventually("it to listen", () =>
      output()
        .split("\n")
        .find((one) => one.includes('"listening"')),
    );
    const { port, admin_port } = JSON.parse(line) as { port: number; admin_port: number };
    return { url: `http://127.0.0.1:${port}`, admin: `http://127.0.0.1:${admin_port}` };
  }

  async function change(other: TestDatabase, statement: string): Promise<void> {
    const limits = { max: 1, statementTimeoutMs: 5_000 };
    const owner = createPool({ url: other.migratorUrl, name: "test", ...limits, onIdleError: () => {} });
    await owner.query(statement);
    await owner.end();
  }

  async function statusOf(url: string): Promise<number> {
    return (await fetch(url, { headers: { connection: "close", authorization: "Bearer secret" } })).status;
  }

  it("becomes ready, serves requests, measures them and stops cleanly on SIGTERM", async () => {
    const running = start({ DATABASE_URL: database.readerUrl, API_TOKENS: "secret" });
    const { url, admin } = await addresses(running);
    await eventually("readiness", async () => (await statusOf(`${admin}/readyz`)) === 200);
    expect(await statusOf(`${url}/v1/revenue`)).to.equal(200);
    const metrics = await (await fetch(`${admin}/metrics`, { headers: { connection: "close" } })).text();
    expect(metrics).to.include('takings_query_duration_seconds_count{route="/v1/revenue",status="200"} 1');
    expect(metrics, "of a route without requests").to.include(
      'takings_query_duration_seconds_count{route="/v1/ledger",status="200"} 0',
    );
    running.child.kill("SIGTERM");
    expect(await once(running.child, "exit")).to.deep.equal([0, null]);
  });

  it("holds back results while a recording hangs, and resumes when it ends (D2)", async () => {
    const settings = { name: "test", max: 2, statementTimeoutMs: 5_000, onIdleError: () => {} };
    const admin = createPool({ url: database.superuserUrl, ...settings });
    const shiftClock = (by: string): Promise<unknown> =>
      admin.query(
        `create or replace function takings.clock() returns timestamptz language sql volatile
           return clock_timestamp() + interval '${by}'`,
      );
    const recording = await admin.connect();
    await recording.query("begin");
    await recording.query("set local idle_in_transaction_session_timeout = 0");
    await recording.query("select takings.begin_recording()");
    await shiftClock("90 seconds");
    const running = start({ DATABASE_URL: database.readerUrl, API_TOKENS: "secret" });
    const at = await addresses(running);
    const textOf = async (url: string): Promise<string> => {
      const headers = { connection: "close", authorization: "Bearer secret" };
      return (await fetch(url, { headers })).text();
    };
    await eventually("the reason", async () =>
      /a recording is in progress/.test(await textOf(`${at.admin}/readyz`)),
    );
    expect(await statusOf(`${at.admin}/readyz`)).to.equal(503);
    expect(await statusOf(`${at.url}/v1/revenue`)).to.equal(503);
    expect(await textOf(`${at.url}/v1/revenue`)).to.match(/Results are held back/);
    expect(await textOf(`${at.admin}/metrics`)).to.match(/^takings_oldest_recording_seconds (9|1)\d/m);
    await recording.query("rollback");
    recording.release();
    await eventually("readiness", async () => (await statusOf(`${at.admin}/readyz`)) === 200);
    expect(await statusOf(`${at.url}/v1/revenue`)).to.equal(200);
    await shiftClock("0 seconds");
    await admin.end();
  });

  it("is live but not ready while the database is unavailable", async () => {
    const running = start({ DATABASE_URL: "postgres://127.0.0.1:1/takings", ALLOW_ANONYMOUS: "true" });
    const { url, admin } = await addresses(running);
    const seen = [`${admin}/livez`, `${admin}/readyz`, `${url}/v1/revenue`].map(statusOf);
    expect(await Promise.all(seen)).to.deep.equal([200, 503, 503]);
  });

  it("is not ready on a database of another version, and says why", async () => {
    await using other = await testDatabase();
    await change(other, "update takings.migrations set checksum = 'other' where name like '000001%'");
    const running = start({ DATABASE_URL: other.readerUrl, ALLOW_ANONYMOUS: "true" });
    const { admin } = await addresses(running);
    const said = async (): Promise<boolean> => {
      const response = await fetch(`${admin}/readyz`, { headers: { connection: "close" } });
      return (
        response.status === 503 &&
        (await response.text()).includes("000001_schema.sql was applied in another version")
      );
    };
    expect(await eventually("it to say so", said)).to.equal(true);
  });

  it("responds with 503, not 500, when the tables are of another version", async () => {
    await using other = await testDatabase();
    await change(other, "alter table takings.events rename column object_id to renamed");
    const running = start({ DATABASE_URL: other.readerUrl, ALLOW_ANONYMOUS: "true" });
    const { url } = await addresses(running);
    expect(await statusOf(`${url}/v1/events`)).to.equal(503);
  });

  it("refuses to start without a token, and says what to do", async () => {
    const { child, output } = start({ DATABASE_URL: database.readerUrl });
    expect(await once(child, "exit")).to.deep.equal([1, null]);
    expect(output()).to.include("API_TOKENS").and.to.include("ALLOW_ANONYMOUS=true");
  });
});
