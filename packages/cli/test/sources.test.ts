import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPaymentService, defaultSource, type EventRecord } from "@takings/domain";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { sourceOption } from "../src/options/source.ts";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

const shop = "shop-eu";
const payments = createPaymentService();

/** The record of a payment. A negative amount is not understood. */
function payment(id: string, source: string, amount: number, account?: string): EventRecord {
  const object = { id: id.replace("evt", "pi"), amount_received: amount, currency: "usd" };
  const event = { id, type: "payment_intent.succeeded", created: 1_700_000_000, livemode: true, account };
  const body = Buffer.from(JSON.stringify({ ...event, data: { object } }));
  return toEventRecord({ source, body, receivedAt: new Date("2026-11-24T06:00:00Z") }, payments);
}

describe("with two sources that have the same event ids,", function () {
  this.timeout(60_000);
  let dir: string;
  let store: StoreOfEvents;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
  });
  after(() => rmSync(dir, { recursive: true }));
  beforeEach(async () => {
    store = await storeOfEvents();
    for (const [source, amount] of [
      [defaultSource, 100],
      [shop, 700],
    ] as const)
      await store.writer.record([
        payment("evt_1", source, amount),
        payment("evt_odd", source, -amount),
        payment("evt_own", source, amount, "acct_Shop"),
      ]);
  });
  afterEach(() => store.close());

  type Env = Readonly<Record<string, string>>;
  const asOwner = (env: Env = {}): Env => ({ DATABASE_URL: store.database.migratorUrl, ...env });
  const verify = (): Promise<Ended> => run(verifyCommand, [], { DATABASE_URL: store.database.readerUrl });
  const rebuild = (args: readonly string[] = [], env: Env = {}): Promise<Ended> =>
    run(rebuildCommand, args, asOwner(env));
  const quarantine = (...args: string[]): Promise<Ended> => run(quarantineCommand, args, asOwner());

  async function entries(): Promise<readonly string[]> {
    const { rows } = await store.admin.query<{ line: string }>(
      "select concat_ws(' ', source, nullif(account, ''), object_id, amount) as line from takings.ledger order by 1",
    );
    return rows.map(({ line }) => line);
  }
  const own = ["default acct_Shop pi_own 100", "default pi_1 100"];
  const ofShop = ["shop-eu acct_Shop pi_own 700", "shop-eu pi_1 700"];

  it("verify names the source of what differs, and rebuild corrects it and nothing of the other", async () => {
    expect((await verify()).code).to.equal(0);
    await store.admin.query(`
      update takings.events set facts = null, payment_object = null where event_id = 'evt_1' and source = '${shop}';
      update takings.ledger set amount = 1 where source = '${shop}'`);
    const { code, output } = await verify();
    expect([code, output.match(/^events: .*$/gm)]).to.deep.equal([
      1,
      ["events: shop-eu/evt_1 its facts differ from those of its body"],
    ]);
    expect((await rebuild()).code).to.equal(0);
    expect(await entries()).to.deep.equal([...own, ...ofShop]);
    expect((await verify()).code).to.equal(0);
  });

  it("verify finds events of a source that is not registered, and rebuild registers it", async () => {
    await store.admin.query("delete from takings.sources where name <> 'default'");
    const { code, output } = await verify();
    expect(output).to.match(/^events: shop-eu\/evt_1 is of a source that takings\.sources lacks/m);
    expect(code).to.equal(1);
    expect((await rebuild()).code).to.equal(0);
    expect((await verify()).code).to.equal(0);
  });

  it("quarantine lists those of all sources, or of one", async () => {
    const all = await quarantine("list");
    expect(all.output).to.match(/ evt_odd .*\n.* shop-eu\/evt_odd .*\n2 event\(s\) in quarantine\n$/);
    expect((await quarantine("list", "--source", "*")).output).to.equal(all.output);
    const one = JSON.parse((await quarantine("list", "--source", shop, "--json")).output) as unknown[];
    expect(one).to.have.length(1);
    expect(one[0]).to.include({ eventId: "evt_odd", source: shop });
  });

  it("quarantine shows, dismisses and replays the event of the source that is named", async () => {
    const shown = JSON.parse((await quarantine("show", "evt_1", "--source", shop)).output) as object;
    expect(shown).to.include({ source: shop, objectId: "pi_1" }).and.to.have.property("payload");
    const dismissed = await quarantine("dismiss", "evt_odd", "--source", shop, "--because", "a test");
    expect(dismissed.output).to.equal("shop-eu/evt_odd dismissed\n");
    expect((await quarantine("list")).output)
      .to.match(/^1 event\(s\)/m)
      .and.not.to.contain(shop);
    const replayed = await quarantine("replay", "evt_odd");
    expect(replayed.output).to.match(/^evt_odd kept: amount_received/m);
    const ofOther = await quarantine("replay", "evt_odd", "--source", shop);
    expect(ofOther.output).to.match(/^shop-eu\/evt_odd kept: amount_received/m);
    expect((await quarantine("replay", "evt_odd", "--source", "*")).output).to.contain(
      "name it instead of *",
    );
  });

  it("a source is refused that cannot be one", () => {
    expect(() => sourceOption("Shop")).to.throw("a name of 1 to 40 characters");
    expect(() => sourceOption("*")).to.throw("a name of 1 to 40 characters");
  });

  it("rebuild counts with the account of each source, and changes that of one when asked to", async () => {
    const { admin } = store;
    await admin.query(`select takings.register_source('${shop}', 'acct_Shop')`);
    expect((await rebuild()).output).to.match(/platform account of the store of source shop-eu, acct_Shop$/m);
    const counted = ["shop-eu pi_1 700", "shop-eu pi_own 700"];
    expect(await entries()).to.deep.equal([...own, ...counted]);
    const file = join(dir, "sources.json");
    const write = (settings: object): void =>
      writeFileSync(file, JSON.stringify({ [shop]: { webhook_secrets: ["whsec_eu1"], ...settings } }));
    const change = (): Promise<Ended> =>
      rebuild(["--change-account", "--source", shop], { STRIPE_SOURCES_FILE: file });
    write({});
    expect((await change()).output).to.contain("needs the new account in account_id of source shop-eu");
    write({ account_id: "acct_New" });
    expect((await change()).output).to.match(/^the account of source shop-eu is acct_New now/m);
    expect(await entries()).to.deep.equal([...own, ...ofShop]);
    expect((await verify()).code).to.equal(0);
    expect((await rebuild(["--source", shop])).output).to.contain("--source needs --change-account");
  });
});
