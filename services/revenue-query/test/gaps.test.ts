import { eventWithCharge, eventWithEntry, type ChargeFields } from "@takings/testkit";
import { expect } from "chai";
import * as fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Gap = { readonly object_id: string; readonly kind: string; readonly account: string | null };
type Page = { readonly gaps: readonly Gap[]; readonly next_cursor: string | null };

/** Many gaps share a second when an endpoint did not receive a whole event type. */
const second = Math.floor(Date.now() / 1_000) * 1_000;
const hoursAgo = (hours: number): Date => new Date(second - hours * 3_600_000);

describe("GET /v1/gaps", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer({
      installation: { defaultLivemode: true, stripeAccountId: "acct_own" },
    });
  });

  after(() => service.close());

  async function page(query: string): Promise<Page> {
    const { status, body } = await service.get(`/v1/gaps?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Page;
  }

  /** Records charges in an account that only the calling test uses. */
  const see = (account: string, ...charges: readonly Omit<ChargeFields, "account">[]): Promise<unknown> =>
    service.writer.record(charges.map((charge) => eventWithCharge({ account, ...charge })));

  async function readAllPages(query: string, between: (read: number) => Promise<unknown>): Promise<string[]> {
    const met: string[] = [];
    let cursor: string | null = null;
    do {
      const { gaps, next_cursor }: Page = await page(cursor === null ? query : `${query}&cursor=${cursor}`);
      met.push(...gaps.map((gap) => `${gap.kind} ${gap.object_id} ${gap.account}`));
      cursor = next_cursor;
      await between(met.length);
    } while (cursor !== null);
    return met;
  }

  async function charges(query: string): Promise<string[]> {
    return (await page(query)).gaps.map(({ object_id }) => object_id);
  }

  it("shows every field of a gap", async () => {
    await see("acct_whole", {
      id: "whole",
      at: new Date("2024-05-01T10:00:00Z"),
      amount: 1_250n,
      currency: "bhd",
    });
    expect(await page("account=acct_whole")).to.deep.equal({
      gaps: [
        {
          kind: "payment",
          object_id: "ch_whole",
          payment_intent: "pi_whole",
          amount: { minor: "1250", major: "1.250" },
          currency: "bhd",
          seen_at: "2024-05-01T10:00:00Z",
          event_id: "evt_whole",
          source: "default",
          account: "acct_whole",
          livemode: true,
        },
      ],
      next_cursor: null,
    });
  });

  it("omits gaps seen less than an hour ago", async () => {
    const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
    await see("acct_young", { id: "young", at: minutesAgo(59) }, { id: "grown", at: minutesAgo(61) });
    expect(await charges("account=acct_young")).to.deep.equal(["ch_grown"]);
  });

  it("defaults to the platform itself and live mode", async () => {
    await service.writer.record([
      eventWithCharge({ id: "mine", at: hoursAgo(2) }),
      eventWithCharge({ id: "tested", at: hoursAgo(2), livemode: false }),
      eventWithCharge({ id: "theirs", at: hoursAgo(2), account: "acct_theirs", livemode: false }),
    ]);
    const seen = [
      await charges(""),
      await charges("account=acct_own"),
      await charges("livemode=false"),
      await charges("livemode=false&account=*"),
      await charges("livemode=false&account=acct_theirs"),
    ];
    expect(seen).to.deep.equal([
      ["ch_mine"],
      ["ch_mine"],
      ["ch_tested"],
      ["ch_tested", "ch_theirs"],
      ["ch_theirs"],
    ]);
  });

  it("filters by kind", async () => {
    await see("acct_kinds", { id: "both", at: hoursAgo(3), refunded: 100n }, { id: "paid", at: hoursAgo(2) });
    const all = (await page("account=acct_kinds")).gaps.map(({ kind, object_id }) => `${kind} ${object_id}`);
    expect(all).to.deep.equal(["payment ch_both", "refund ch_both", "payment ch_paid"]);
    expect(await charges("account=acct_kinds&kind=refund")).to.deep.equal(["ch_both"]);
    expect(await charges("account=acct_kinds&kind=payment")).to.deep.equal(["ch_both", "ch_paid"]);
  });

  it("lists each gap once in pages of any size, whatever shares its second, charge or account", async () => {
    // The same charge id in two accounts, and ids that Stripe would not assign.
    const ids = ["b", "a", "a-b", "é:ü", "B", "💰"];
    for (const account of ["acct_p2", "acct_p1"]) {
      const at = hoursAgo(5);
      const seen = ids.map((id) =>
        eventWithCharge({ id: `p_${id}`, at, refunded: 50n, account, livemode: false }),
      );
      await service.writer.record(
        seen.map((event) => ({ ...event, eventId: `${event.eventId}_${account}` })),
      );
    }
    const query = "account=*&livemode=false";
    const whole = await readAllPages(`${query}&limit=1000`, async () => {});
    expect([new Set(whole).size, whole.length >= 4 * ids.length]).to.deep.equal([whole.length, true]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length + 1 }), async (limit) => {
        expect(await readAllPages(`${query}&limit=${limit}`, async () => {})).to.deep.equal(whole);
      }),
      { numRuns: 20 },
    );
  });

  it("omits a gap that its event closed between two pages, and continues after it", async () => {
    await see("acct_walk", ...[5, 4, 3, 2].map((hours) => ({ id: `walk${hours}`, at: hoursAgo(hours) })));
    const met = await readAllPages("account=acct_walk&limit=2", async (read) => {
      if (read > 2) return;
      await service.writer.record(
        [4, 3].map((hours) =>
          eventWithEntry({ eventId: `evt_pi${hours}`, objectId: `pi_walk${hours}`, account: "acct_walk" }),
        ),
      );
    });
    expect(met).to.deep.equal(
      ["ch_walk5", "ch_walk4", "ch_walk2"].map((charge) => `payment ${charge} acct_walk`),
    );
  });

  it("closes a refund gap once the refund is known, and opens it again when the running total rises", async () => {
    const account = "acct_again";
    const paid = eventWithEntry({ eventId: "evt_again_paid", objectId: "pi_again", account });
    await service.writer.record([paid]);
    await see(account, { id: "again", at: hoursAgo(9), refunded: 100n });
    const shown = async (): Promise<unknown[]> =>
      (await page(`account=${account}`)).gaps.map((gap) => ({ ...gap }));
    expect(await shown()).to.have.length(1);
    const known = { kind: "refund", objectId: "re_again", amount: 100n, paymentIntent: "pi_again" } as const;
    await service.writer.record([
      eventWithEntry({ eventId: "evt_again_re", ...known, account, at: hoursAgo(9).toISOString() }),
    ]);
    expect(await shown()).to.deep.equal([]);
    const more = eventWithCharge({ id: "again", at: hoursAgo(8), refunded: 150n, account });
    const facts = more.facts && { ...more.facts, eventId: "evt_again_more" };
    await service.writer.record([{ ...more, eventId: "evt_again_more", facts }]);
    const [gap] = await shown();
    expect(gap).to.include({ event_id: "evt_again_more", kind: "refund", object_id: "ch_again" });
    expect(gap).to.have.deep.property("amount", { minor: "50", major: "0.50" });
  });

  it("rejects an unknown kind and an unknown parameter and names both", async () => {
    const { status, body } = await service.get("/v1/gaps?kind=dispute&from=2024-01-01");
    const { errors } = body as { errors: { parameter: string }[] };
    expect([status, errors.map(({ parameter }) => parameter).toSorted()]).to.deep.equal([
      400,
      ["from", "kind"],
    ]);
  });

  it("rejects a cursor with other parameters, and one of another list", async () => {
    const { next_cursor: cursor } = await page("account=*&livemode=false&limit=1");
    const responses = [
      await service.get(`/v1/gaps?account=*&limit=1&cursor=${cursor}`),
      await service.get(`/v1/ledger?account=*&livemode=false&cursor=${cursor}`),
    ];
    expect(responses.map(({ status }) => status)).to.deep.equal([400, 400]);
  });

  it("offers only JSON", async () => {
    expect((await service.get("/v1/gaps", { headers: { accept: "text/csv" } })).status).to.equal(406);
  });
});
