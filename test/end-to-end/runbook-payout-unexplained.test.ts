import {
  balancePermissions,
  fakeBalanceApi,
  objectsWrittenDown,
  type WrittenObjects,
} from "@takings/simulator";
import { eventually, fakeStripeKey, startService } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createRunbookContext, type RunbookContext } from "./src/runbook-context.ts";

const daysAgo = (days: number): number => Math.floor(Date.now() / 1_000) - days * 86_400;
const of = (id: string, days: number): { id: string; created: number; currency: string } => ({
  id,
  created: daysAgo(days),
  currency: "usd",
});
const charge = (id: string, amount: number): WrittenObjects["balance_transactions"][number] => ({
  ...of(id, 20),
  type: "charge",
  reporting_category: "charge",
  amount,
  fee: 10,
  net: amount - 10,
  available_on: daysAgo(17),
  status: "available",
});
const payout = {
  ...of("po_1", 16),
  amount: 290,
  status: "paid",
  automatic: true,
  arrival_date: daysAgo(14),
  reconciliation_status: "completed",
};

describe("the runbook TakingsPayoutUnexplained, executed as written", function () {
  this.timeout(120_000);

  it("finds the payout, and reads the member that Stripe listed too late", async () => {
    await using context = await createRunbookContext(50_000_000);
    const members = new Map([["po_1", ["txn_1"]]]);
    const written = {
      balance_transactions: [charge("txn_1", 110), charge("txn_2", 200)],
      payouts: [payout],
      members,
    };
    await using stripe = await fakeBalanceApi({
      accounts: new Map([[null, objectsWrittenDown(written)]]),
      keys: new Map([[fakeStripeKey, Object.values(balancePermissions)]]),
    });
    const account = { STRIPE_API_URL: stripe.url };
    await context.startConsumer();
    expect(await context.operator.run("takings balance sync", account)).to.include({ code: 0 });
    await sumsAreUpToDate(context);
    const settings = { API_TOKENS: "token", DEFAULT_LIVEMODE: "false" };
    await using query = await startService("revenue-query", {
      DATABASE_URL: context.database.readerUrl,
      ...settings,
    });
    await eventually("the gauge to count it", async () =>
      (await (await fetch(`${query.adminUrl}/metrics`)).text()).includes(
        'takings_balance_unexplained_payouts{source="default",livemode="false"} 1\n',
      ),
    );

    const diagnosis = context.operator.follow("Diagnosis", "TakingsPayoutUnexplained.md");
    const access = { API: query.url, TOKEN: "token", PAYOUT: "po_1" };
    const read = 'curl -sf -H "authorization: Bearer $TOKEN" "$API/v1/payouts/$PAYOUT"';
    expect(JSON.parse(await diagnosis.next(read, access)))
      .to.have.property("unexplained")
      .that.deep.equals({ minor: "190", major: "1.90" });
    const listed = await diagnosis.next(
      'curl -sf -H "authorization: Bearer $TOKEN" "$API/v1/balance/transactions?payout=$PAYOUT&account=*&limit=1000"',
      access,
    );
    expect(listed).to.include("txn_1").and.not.include("txn_2");
    await diagnosis.next("takings quarantine list --type takings.balance_transaction");
    diagnosis.end();

    members.set("po_1", ["txn_1", "txn_2"]);
    const mitigation = context.operator.follow("Mitigation", "TakingsPayoutUnexplained.md");
    const since = new Date(daysAgo(17) * 1_000).toISOString();
    await mitigation.next('takings balance sync --from "$SINCE"', { ...account, SINCE: since });
    mitigation.end();
    const { output } = await context.operator.run(read, access);
    expect(JSON.parse(output)).to.have.property("unexplained").that.includes({ minor: "0" });
  });
});

/** Until the sums contain everything that is recorded, as the gauge requires of a payout. */
async function sumsAreUpToDate({ sql }: RunbookContext): Promise<void> {
  await eventually("the sums to contain what was read", async () => {
    const [row] = await sql<{ done: boolean }>(
      `select watermark >= (select max(recorded_at) from takings.payouts) as done from takings.balance_watermark`,
    );
    return row?.done === true;
  });
}
