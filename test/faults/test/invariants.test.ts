import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateHistories, type RevenueClient } from "@takings/simulator";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type HistoryLine, openHistory } from "../src/history.ts";
import { limitViolations } from "../src/resource-peaks.ts";
import { summarizeHistory, checkSpeed, checkStore, stuck } from "../src/invariants.ts";

const [event] = generateHistories(1, 1).events;
if (event === undefined) throw new Error("there is no traffic");
const { id, body } = event;

const sent: HistoryLine = { what: "event", id, genuine: true, body };
const answered = (status: number, ms = 5): HistoryLine => ({ what: "answered", id, attempt: 1, status, ms });

/** An installation that stores these events and counts nothing. */
function storing(ids: readonly string[], payload = body): RevenueClient {
  const listed = ids.map((event_id) => ({ event_id, type: "x", created: "2024-01-01T00:00:00Z" }));
  return {
    events: async () => listed,
    event: async () => ({ payload }),
    ledger: async () => [],
    revenue: async () => ({ totals: [] }),
  } as unknown as RevenueClient;
}

async function found(lines: readonly HistoryLine[], reader: RevenueClient): Promise<Set<string>> {
  const { violations } = await checkStore(summarizeHistory(lines), reader, new Set());
  return new Set(violations.map(({ invariant }) => invariant));
}

describe("a check of the invariants against the history", () => {
  it("finds LOSS when an event got a 2xx and is not stored", async () => {
    expect([...(await found([sent, answered(200)], storing([])))]).to.deep.equal(["LOSS"]);
  });

  it("finds nothing when an event that is not stored got no 2xx", async () => {
    expect([...(await found([sent, answered(503), answered(0)], storing([])))]).to.deep.equal([]);
  });

  it("finds PHANTOM when a forged event is stored", async () => {
    const forged: HistoryLine = { what: "event", id: "evt_forged", genuine: false, body: "{}" };
    expect([...(await found([forged], storing(["evt_forged"])))]).to.include("PHANTOM");
  });

  it("finds FORGE when an event is stored that was never sent", async () => {
    expect([...(await found([], storing(["evt_of_nobody"])))]).to.include("FORGE");
  });

  it("finds FORGE when a stored body differs from the one sent", async () => {
    expect([...(await found([sent, answered(200)], storing([id], `${body} `)))]).to.include("FORGE");
  });

  it("finds ONCE when an event is stored twice", async () => {
    expect([...(await found([sent, answered(200)], storing([id, id])))]).to.include("ONCE");
  });

  it("finds FAST when a response took too long or did not come", () => {
    const lines = [sent, answered(200, 9_000), answered(0, 20_000)];
    expect(checkSpeed(summarizeHistory(lines), 0, 8_000)).to.have.length(1);
    expect(checkSpeed(summarizeHistory(lines), 0, 20_000)).to.deep.equal([]);
  });

  it("finds LIVE when an event never got a 2xx", () => {
    expect(stuck(["evt_a", "evt_b"])).to.have.length(1);
    expect(stuck([])).to.deep.equal([]);
  });

  it("finds BOUND when a service used more than its limits", () => {
    const peak = (mebibytes: number, openFiles: number) =>
      new Map([["ingress-0", { memoryBytes: mebibytes * 1024 ** 2, openFiles }]]);
    expect(limitViolations(peak(451, 40))).to.have.length(1);
    expect(limitViolations(peak(200, 4_501))).to.have.length(1);
    expect(limitViolations(peak(200, 40))).to.deep.equal([]);
  });

  it("needs only the history file, which outlives the sender", () => {
    const dir = mkdtempSync(join(tmpdir(), "takings-history-"));
    const history = openHistory(join(dir, "history.ndjson"));
    history.write(sent);
    history.write(answered(200));
    const again = openHistory(history.path);
    expect([...summarizeHistory(again.read()).accepted]).to.deep.equal([id]);
    for (const file of [history, again]) file.close();
    rmSync(dir, { recursive: true });
  });
});
