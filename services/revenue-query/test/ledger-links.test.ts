import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Money = { readonly minor: string };
type Total = {
  readonly currency: string;
  readonly gross: Money;
  readonly refunded: Money;
  readonly disputed: Money;
  readonly net: Money;
  readonly ledger: string;
};
type Entry = { readonly kind: string; readonly currency: string; readonly amount: Money };
type Page = { readonly entries: readonly Entry[]; readonly next_cursor: string | null };

const kinds = ["payment", "refund", "refund_reversal", "dispute", "dispute_reversal"] as const;

describe("the ledger link of a total", () => {
  let service: TestStoreServer;

  const eventAt = (index: number): ReturnType<typeof eventWithEntry> => {
    const kind = kinds[index % kinds.length] ?? "payment";
    const isTaken = kind === "refund" || kind === "dispute";
    return eventWithEntry({
      eventId: `evt_${index}`,
      objectId: `ob_${index}`,
      kind,
      amount: BigInt(isTaken ? -index - 1 : index + 1),
      currency: ["usd", "jpy", "bhd"][index % 3] ?? "usd",
      source: index % 5 === 1 ? "shop" : "default",
      account: [null, "acct_1"][index % 2] ?? null,
      livemode: index % 7 !== 0,
      at: new Date(Date.UTC(2024, 2, 29) + index * 3_600_000).toISOString(),
    });
  };

  before(async () => {
    service = await startStoreServer();
    await service.writer.record(Array.from({ length: 100 }, (_, index) => eventAt(index)));
  });

  after(() => service.close());

  async function totalsOf(path: string): Promise<readonly Total[]> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    const { totals, buckets } = body as { totals?: Total[]; buckets?: { totals: Total[] }[] };
    return totals ?? buckets?.flatMap((bucket) => bucket.totals) ?? [];
  }

  async function follow(link: string): Promise<Entry[]> {
    const all: Entry[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? "" : `&cursor=${cursor}`;
      const { status, body } = await service.get(`${link}&limit=3${next}`);
      expect(status, link).to.equal(200);
      const { entries, next_cursor } = body as Page;
      all.push(...entries);
      cursor = next_cursor;
    } while (cursor !== null);
    return all;
  }

  function figuresOf(entries: readonly Entry[]): Record<string, string> {
    const sum = (...among: string[]): bigint =>
      entries
        .filter(({ kind }) => among.includes(kind))
        .reduce((all, { amount }) => all + BigInt(amount.minor), 0n);
    return {
      gross: String(sum("payment")),
      refunded: String(-sum("refund", "refund_reversal")),
      disputed: String(-sum("dispute", "dispute_reversal")),
      net: String(sum(...kinds)),
    };
  }

  const queries = [
    "/v1/revenue",
    "/v1/revenue?account=*&livemode=false",
    "/v1/revenue?account=acct_1&currency=USD&from=2024-03-30&timezone=Asia/Kathmandu",
    "/v1/revenue?account=*&from=2024-03-29T12:30:00Z&to=2024-03-31T05:00:00.5%2B02:00",
    "/v1/revenue/series?interval=day&source=*&account=*&timezone=Europe/Berlin",
    "/v1/revenue?source=shop&account=*",
    "/v1/revenue/series?interval=week&from=2024-03-30&to=2024-04-01&timezone=America/St_Johns",
  ];
  for (const query of queries) {
    it(`of ${query} leads to entries that add up to the total`, async () => {
      const totals = await totalsOf(query);
      expect(totals).to.not.be.empty;
      for (const { ledger, currency, gross, refunded, disputed, net } of totals) {
        const entries = await follow(ledger);
        expect(new Set(entries.map((entry) => entry.currency))).to.deep.equal(new Set([currency]));
        expect(figuresOf(entries), ledger).to.deep.equal({
          gross: gross.minor,
          refunded: refunded.minor,
          disputed: disputed.minor,
          net: net.minor,
        });
      }
    });
  }

  it("leads to the same entries after more is recorded", async () => {
    const [total] = await totalsOf("/v1/revenue?currency=usd");
    await service.writer.record([eventWithEntry({ eventId: "evt_more", objectId: "pi_more" })]);
    expect(figuresOf(await follow(total?.ledger ?? ""))["net"]).to.equal(total?.net.minor);
  });
});
