import { eventWithEntry, eventually, type Standby, type TestPostgres, testPostgres } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { advanceRecordedTime } from "../src/record/recorded-time.ts";
import { filterNow, poolOf } from "./test-store.ts";

type Response = { readonly asOf: string; readonly total: string };

/** How a server can be restarted so that it recovers from its log. */
const restarts: Readonly<Record<string, (server: TestPostgres) => Promise<void>>> = {
  async "a crash"(server) {
    await server.kill();
    await server.start();
  },
  // The postmaster goes on, so its start time stays the same.
  async "the crash of one backend"(server) {
    const superuser = poolOf(server.superuserUrl);
    const { rows } = await superuser.query<{ pid: number }>("select pg_backend_pid() as pid");
    process.kill(rows[0]?.pid ?? 0, "SIGKILL");
    await superuser.end();
  },
};

describe("a primary that restarts while a commit waits for the standby", function () {
  this.timeout(90_000);
  let server: TestPostgres;
  let standby: Standby;
  let pools: Pool[];
  beforeEach(async () => {
    pools = [];
    server = await testPostgres();
    standby = await server.standby();
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await standby[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  function open(url: string): Pool {
    const pool = poolOf(url, 60_000);
    pools.push(pool);
    return pool;
  }

  const record = (pool: Pool, n: number): Promise<unknown> =>
    createPaymentWriter(pool).record([eventWithEntry({ eventId: `evt_${n}`, objectId: `pi_${n}` })]);

  async function respond(pool: Pool, at?: string): Promise<Response> {
    const reader = createPaymentReader(pool);
    const asOf = at ?? (await reader.safeReadTime());
    const [sum] = await reader.sums(await filterNow(reader, { asOf }));
    return { asOf, total: `${sum?.gross ?? 0} ${sum?.payments ?? 0}` };
  }

  /** The response, or the error, of the first attempt that reaches the server. */
  async function tryToRespond(pool: Pool): Promise<unknown> {
    return eventually("the server to respond", async () => {
      const outcome: unknown = await respond(pool).catch((error: unknown) => error);
      const isDown = outcome instanceof Error && !("code" in outcome && outcome.code === "stale");
      return isDown ? undefined : { outcome };
    }).then(({ outcome }) => outcome);
  }

  async function untilVisible(superuser: Pool, eventId: string): Promise<void> {
    await eventually(`${eventId} to be visible`, async () => {
      const text = "select from takings.events where event_id = $1";
      const { rowCount } = await superuser.query(text, [eventId]).catch(() => ({ rowCount: 0 }));
      return rowCount === 1;
    });
  }

  /** Records an event that only the primary has, and restarts it so that this becomes visible there. */
  async function restartWithWaitingCommit(restart: (server: TestPostgres) => Promise<void>): Promise<void> {
    const superuser = open(server.superuserUrl);
    await standby.stop();
    const waiting = record(open(server.writerUrl), 2).catch((error: unknown) => error);
    await eventually("a commit that waits", async () => {
      const { rowCount } = await superuser.query("select from pg_stat_activity where wait_event = 'SyncRep'");
      return rowCount !== 0;
    });
    await restart(server);
    await waiting;
    await untilVisible(superuser, "evt_2");
  }

  for (const [how, restart] of Object.entries(restarts)) {
    it(`gives no response after ${how} that changes when the standby is promoted next`, async () => {
      await record(open(server.writerUrl), 1);
      const told = [await respond(open(server.readerUrl))];
      await restartWithWaitingCommit(restart);
      const after = await tryToRespond(open(server.readerUrl));
      if (!(after instanceof Error)) told.push(after as Response);
      await server.kill();
      await standby.start();
      await standby.promote();
      const reading = open(standby.readerUrl);
      for (const response of told) expect(await respond(reading, response.asOf)).to.deep.equal(response);
      expect(after).to.have.property("code", "stale");
      expect(after)
        .to.have.property("message")
        .that.matches(/no recording has been replicated since then.*synchronous_standby_names/);
    });
  }

  it("responds again as soon as the standby has an empty recording, and everything before it", async () => {
    await restartWithWaitingCommit(async () => {
      await server.kill();
      await server.start();
    });
    const advancing = advanceRecordedTime(open(server.writerUrl));
    const reading = open(server.readerUrl);
    expect(await tryToRespond(reading)).to.have.property("code", "stale");
    await standby.start();
    await advancing;
    const response = await respond(reading);
    await server.kill();
    await standby.promote();
    expect(response.total).to.equal("100 1");
    expect(await respond(open(standby.readerUrl), response.asOf)).to.deep.equal(response);
  });
});
