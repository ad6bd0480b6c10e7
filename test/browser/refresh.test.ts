import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { openPage, type OpenPage } from "./src/browser.ts";
import { pageOfEachTest } from "./src/page-of-each-test.ts";
import { shared } from "./src/shared.ts";

const account = "acct_1Refresh";
let payments = 0;

describe("a view of now", () => {
  const open = pageOfEachTest();

  beforeEach(async () => {
    await pay();
    await open.page.clock.install();
    await open.page.goto(`${shared().installation.url}/?account=${account}&currency=usd`);
  });

  /** Another payment of one dollar, in this month. */
  async function pay(): Promise<void> {
    payments += 1;
    const at = new Date().toISOString();
    await shared().installation.record([
      eventWithEntry({ eventId: `evt_refresh_${payments}`, amount: 100n, account, at }),
    ]);
  }

  const gross = (): Promise<string | null> =>
    open.page.locator(".totals data[data-field=gross]").first().getAttribute("value");
  const expected = (): string => `${payments}.00`;

  /** Lets half a minute pass at once. */
  async function halfMinute(): Promise<void> {
    await open.page.clock.fastForward(30_000);
  }

  /** The view is read again, at the next interval or a later one: what was recorded can be read after a moment. */
  async function untilRefreshed(): Promise<void> {
    for (let tries = 0; tries < 20 && (await gross()) !== expected(); tries += 1) {
      await Promise.all([open.page.waitForResponse(/account=/), halfMinute()]);
      await open.page.evaluate("new Promise((resolve) => queueMicrotask(resolve))");
    }
    expect(await gross()).to.equal(expected());
  }

  it("is read again every half minute, in place", async () => {
    await open.page.locator("#q").focus();
    await open.page.keyboard.type("evt_");
    await pay();
    await untilRefreshed();
    expect(await open.page.locator("#q").inputValue()).to.equal("evt_");
    expect(await open.page.evaluate<string>("document.activeElement.id")).to.equal("q");
  });

  it("stays as it is while something in it has the focus or was typed into", async () => {
    await open.page.getByText("Range and filter").click();
    await open.page.getByLabel("From").focus();
    await open.page.keyboard.type("2026-1");
    await halfMinute();
    await open.page.locator("#q").focus();
    await halfMinute();
    expect(reads(open)).to.equal(1);
    expect(await open.page.getByLabel("From").inputValue()).to.equal("2026-1");
  });

  it("says so when it could not be read again, and goes on trying", async () => {
    await open.page.route(/account=/, (route) => route.abort());
    await halfMinute();
    await open.page.locator("#live:not(:empty)").waitFor();
    expect(await open.page.locator("#live").innerText()).to.include("could not be refreshed");
    await open.page.unroute(/account=/);
    await Promise.all([open.page.waitForResponse(/account=/), halfMinute()]);
    await open.page.locator("#live:empty").waitFor({ state: "attached" });
  });
});

describe("a view of the past", () => {
  it("is not read again", async () => {
    const { browser, installation } = shared();
    await using open = await openPage(browser);
    await open.page.clock.install();
    await open.page.goto(`${installation.url}/?as_recorded_at=${encodeURIComponent(installation.before)}`);
    await open.page.clock.fastForward(120_000);
    expect(reads(open)).to.equal(1);
  });
});

/** How often the view was requested. */
function reads({ page, noticed }: Pick<OpenPage, "page" | "noticed">): number {
  return noticed.requests.filter((address) => address === page.url()).length;
}
