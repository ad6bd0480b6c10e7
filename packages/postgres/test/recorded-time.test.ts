import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { differencesFromEvents } from "./differences-from-events.ts";
import { filterNow, type TestStore, createTestStore, sortable } from "./test-store.ts";

/** A clock that advances three milliseconds each time it is read, and jumps up to five seconds back or ahead. */
const jumpingClock = `
  create sequence takings.reads_of_the_clock;
  grant usage on takings.reads_of_the_clock to takings_migrator;
  create or replace function takings.clock() returns timestamptz language sql volatile as $$
    select clock_timestamp() + nextval('takings.reads_of_the_clock') * interval '3 milliseconds'
      + power(random() * 2 - 1, 9) * interval '5 seconds'
  $$`;

/** Recordings that use the clock as it is. */
const trustTheClock = `
  create or replace function takings.begin_recording() returns timestamptz
  language plpgsql volatile security definer as $$
  declare
    at timestamptz := takings.clock();
  begin
    perform pg_advisory_xact_lock_shared((x'7a6'::bigint << 52) | (extract(epoch from at) * 1000000)::bigint);
    at := greatest(at, takings.clock());
    insert into takings.recordings values (at);
    return at;
  end $$`;

type Answer = { readonly asOf: string; readonly totals: string };

async function totalsAt({ reader }: TestStore, asOf: string): Promise<string> {
  const sums = await reader.sums(await filterNow(reader, { asOf, account: "*" }));
  return sums
    .map(({ currency, gross, payments }) => `${currency} ${gross} ${payments}`)
    .toSorted()
    .join(", ");
}

/** The totals of the ledger, row by row. */
async function countedAt({ admin }: TestStore, asOf: string): Promise<string> {
  const { rows } = await admin.query<{ sum: string }>(
    `select currency || ' ' || sum(amount) || ' ' || count(*) as sum from takings.ledger_as_of($1)
     group by currency order by 1`,
    [asOf],
  );
  return rows.map(({ sum }) => sum).join(", ");
}

type Noted = { readonly answers: readonly Answer[]; readonly refused: readonly unknown[] };

/** Lets several write and the rollup advance while answers are collected. Returns these, and what failed. */
async function underWriting(store: TestStore, count: number): Promise<Noted> {
  const refused: unknown[] = [];
  const stopping = new AbortController();
  const until = async (work: (n: number) => Promise<unknown>): Promise<void> => {
    for (let n = 0; !stopping.signal.aborted; n += 1) await work(n);
  };
  const writing = Array.from({ length: 3 }, (_, writer) =>
    until((n) =>
      store.writer
        .record(
          Array.from({ length: 3 }, (__, index) =>
            eventWithEntry({
              eventId: `evt_${writer}_${n}_${index}`,
              // All writers send events about each entry, in an order that differs from that of the events.
              objectId: `pi_${n}_${index}`,
              at: `2024-05-0${1 + ((writer + n) % 3)}T00:00:00Z`,
              amount: BigInt(100 + writer),
              currency: index === 0 ? "eur" : "usd",
            }),
          ),
        )
        .catch((error: unknown) => refused.push(error)),
    ),
  );
  const advancing = until(() => store.admin.query("select takings.apply_rollup_deltas('0', 50)"));
  const answers: Answer[] = [];
  for (let n = 0; n < count; n += 1) {
    const asOf = await store.reader.safeReadTime();
    answers.push({ asOf, totals: await totalsAt(store, asOf) });
  }
  stopping.abort();
  await Promise.all([...writing, advancing]);
  return { answers, refused };
}

async function changedAnswers(store: TestStore, { answers }: Noted): Promise<readonly Answer[]> {
  const changed: Answer[] = [];
  for (const answer of answers) {
    const again = [await totalsAt(store, answer.asOf), await countedAt(store, answer.asOf)];
    if (again.some((totals) => totals !== answer.totals)) changed.push(answer);
  }
  return changed;
}

describe("recorded time, with writers whose clock jumps back and forth", () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await createTestStore();
    await store.admin.query(jumpingClock);
  });
  afterEach(() => store.close());

  it("keeps each response the same, the rollup equal to the ledger, and the ledger equal to the events (D4, D24)", async () => {
    const noted = await underWriting(store, 150);
    const last = await store.reader.safeReadTime();
    expect(await changedAnswers(store, noted)).to.deep.equal([]);
    expect(await totalsAt(store, last)).to.equal(await countedAt(store, last));
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
    expect(noted.refused).to.deep.equal([]);
    expect(new Set(noted.answers.map(({ asOf }) => asOf)).size).to.be.greaterThan(20);
  }).timeout(60_000);

  it("would not keep them the same if recordings used the clock as it is, so this test can fail", async () => {
    await store.admin.query(trustTheClock);
    const noted = await underWriting(store, 100);
    expect((await changedAnswers(store, noted)).length).to.be.greaterThan(0);
  }).timeout(60_000);

  it("rebuilds a complete rollup when the clock is behind (D3)", async () => {
    await underWriting(store, 5);
    await store.admin.query("select takings.apply_rollup_deltas('0', 5000)");
    await store.admin.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() - interval '1 hour'`,
    );
    await store.admin.query("select takings.rebuild_rollup()");
    await store.writer.record([eventWithEntry({ eventId: "evt_behind", objectId: "pi_behind" })]);
    const now = await store.reader.safeReadTime();
    expect(await totalsAt(store, now)).to.equal(await countedAt(store, now));
  });

  it("rebuilds a complete rollup while an older recording is in progress (D3)", async () => {
    await underWriting(store, 5);
    await store.admin.query("select takings.apply_rollup_deltas('0', 5000)");
    const client = await store.admin.connect();
    await client.query("begin");
    await client.query("lock table takings.recordings in row exclusive mode");
    // It read the clock before the deltas were committed, and takes its lock only now.
    await client.query(
      `select pg_advisory_xact_lock_shared(
         (x'7a6'::bigint << 52) | (extract(epoch from watermark - interval '1 second') * 1000000)::bigint)
       from takings.rollup_watermark`,
    );
    const safe = await store.reader.safeReadTime();
    await store.admin.query("select takings.rebuild_rollup()");
    expect(await totalsAt(store, safe)).to.equal(await countedAt(store, safe));
    await client.query("rollback");
    client.release();
    const now = await store.reader.safeReadTime();
    expect(sortable(now) > sortable(safe)).to.equal(true);
    expect(await totalsAt(store, now)).to.equal(await countedAt(store, now));
  });
});
