import { createMetrics, type Logger } from "@takings/runtime";
import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createConsumerMetrics } from "../src/metrics.ts";
import { reportOutcomes } from "../src/report-outcomes.ts";

describe("reports of events", () => {
  it("are bounded, whatever length the types and reasons have", async () => {
    const lines: string[] = [];
    const write = (fields: object, message: string): void =>
      void lines.push(JSON.stringify([fields, message]));
    const log = { info: write, warn: write, error: write } as unknown as Logger;
    const registry = createMetrics();
    const metrics = createConsumerMetrics(registry);
    const records = Array.from({ length: 60 }, (_, n) => ({
      ...eventWithEntry({ eventId: `evt_${n}` }),
      type: `${n}.${"x".repeat(250_000)}`,
      ...(n % 2 === 0 && { status: "quarantined" as const, reason: `thin event ${"y".repeat(250_000)}: no` }),
    }));
    const fresh = new Set(records.map(({ eventId }) => eventId));
    reportOutcomes({ fresh, records }, { within: (_, act) => act() }, { metrics, log });
    expect(Math.max(...lines.map(({ length }) => length))).to.be.below(2_000);
    expect((await registry.render("prometheus")).body.length).to.be.below(200_000);
  });

  it("name their source, and tell events of two sources with one id apart", () => {
    const lines: string[] = [];
    const write = ({ event_id: id, source }: Record<string, unknown>, message: string): void =>
      void lines.push(`${message} ${String(source)} ${String(id)}`);
    const log = { info: write, warn: write, error: write } as unknown as Logger;
    const metrics = createConsumerMetrics(createMetrics());
    const record = eventWithEntry({ eventId: "evt_1" });
    const records = [record, { ...record, source: "shop-eu" }, record];
    const fresh = new Set(["evt_1", "shop-eu/evt_1"]);
    reportOutcomes({ fresh, records }, { within: (_, act) => act() }, { metrics, log });
    expect(lines).to.deep.equal([
      "event_saved default evt_1",
      "event_saved shop-eu evt_1",
      "duplicate_event default evt_1",
    ]);
  });
});
