import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";
import { pageOfEachTest } from "./src/page-of-each-test.ts";
import { shared } from "./src/shared.ts";
import { paymentPath } from "./src/views.ts";

const october = "/?from=2026-10-01&to=2026-11-01";
/** Few days, so that there are not many links. */
const short = "/?from=2026-10-30&to=2026-11-01";

describe("the keyboard alone", () => {
  const open = pageOfEachTest();
  const go = (path: string): Promise<unknown> => open.page.goto(shared().installation.url + path);

  it("gets from any figure to an event as received in three keystrokes", async () => {
    await go(october);
    await open.page.keyboard.press("j");
    await open.page.keyboard.press("Enter");
    await open.page.waitForURL(/\/ledger\?/);
    await open.page.keyboard.press("o");
    await open.page.waitForURL(/\/events\//);
    expect(await open.page.locator("pre").innerText()).to.include('"object": "event"');
  });

  it("reaches every link, field and button, in the order of the page, and shows where it is", async () => {
    await go(short);
    const reachable = await open.page.evaluate<number>(`(() => {
      const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
      const seen = all.filter((one) => one.checkVisibility() && one.tabIndex >= 0);
      seen.forEach((one, n) => (one.dataset.stop = String(n)));
      return seen.length;
    })()`);
    await open.page.evaluate(`window.stops = [];
      document.addEventListener("focusin", ({ target }) => {
        const isSeen = getComputedStyle(target).outlineStyle !== "none";
        window.stops.push(isSeen ? target.dataset.stop : "unseen " + target.outerHTML);
      })`);
    for (let n = 0; n < reachable; n += 1) await open.page.keyboard.press("Tab");
    const stops = await open.page.evaluate<string[]>("window.stops");
    expect(reachable).to.be.greaterThan(30);
    expect(stops).to.deep.equal(Array.from({ length: reachable }, (_, n) => String(n)));
  });

  it("skips to the content first", async () => {
    await go(short);
    await open.page.keyboard.press("Tab");
    await open.page.keyboard.press("Enter");
    expect(await focused(open.page)).to.equal("main");
  });

  it("searches after /", async () => {
    await go(short);
    await open.page.keyboard.press("/");
    expect(await focused(open.page)).to.equal("q");
    await open.page.keyboard.type("evt_/?[");
    expect(await open.page.locator("#q").inputValue()).to.equal("evt_/?[");
  });

  it("goes to the previous and next range, and to this month", async () => {
    await go(october);
    const titles: string[] = [];
    for (const key of ["[", "]", "t"]) {
      await Promise.all([open.page.waitForEvent("load"), open.page.keyboard.press(key)]);
      titles.push(await open.page.locator("h1").innerText());
    }
    const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
    expect(titles).to.deep.equal([
      "Revenue, September 2026",
      "Revenue, October 2026",
      `Revenue, ${month.format(new Date())}`,
    ]);
  });

  it("moves from row to row with j and k", async () => {
    await go("/ledger?from=2026-10-01&to=2026-11-01");
    const rows: string[] = [];
    for (const key of ["j", "j", "j", "k"]) {
      await open.page.keyboard.press(key);
      rows.push(
        await open.page.evaluate<string>(
          `String([...document.activeElement.closest("tbody").rows].indexOf(document.activeElement.closest("tr")))`,
        ),
      );
    }
    expect(rows).to.deep.equal(["0", "1", "2", "1"]);
  });

  it("opens the link of the marked row with Enter, and its event with o", async () => {
    const since = encodeURIComponent(shared().installation.before);
    for (const [key, path] of [
      ["Enter", paymentPath],
      ["o", "/events/evt_late_refund"],
    ] as const) {
      await go(`/revenue/changes?from=2026-10-01&to=2026-11-01&since=${since}`);
      // The refund is the second of what was recorded late.
      for (const pressed of ["j", "j", key]) await open.page.keyboard.press(pressed);
      await open.page.waitForURL((url) => url.pathname === path);
    }
  });

  it("exports with e", async () => {
    await go("/ledger?from=2026-10-30&to=2026-11-01");
    const [download] = await Promise.all([open.page.waitForEvent("download"), open.page.keyboard.press("e")]);
    expect(download.suggestedFilename()).to.match(/\.csv$/);
  });

  it("lists its keys after ?, and leaves the list with Escape", async () => {
    await go(short);
    await open.page.keyboard.press("?");
    await open.page.locator("dialog[open]").waitFor();
    // Each of them has a test here.
    const keys = ["/", "j", "k", "Enter", "o", "[", "]", "t", "e", "?"];
    expect(await open.page.locator("dialog kbd").allInnerTexts()).to.deep.equal(keys);
    await open.page.keyboard.press("Escape");
    await open.page.locator("dialog[open]").waitFor({ state: "hidden" });
  });

  it("can be told to leave single keys alone, in later views too", async () => {
    await go(short);
    await open.page.keyboard.press("?");
    await open.page.locator("dialog [name=on]").uncheck();
    await go(october);
    await open.page.keyboard.press("/");
    expect(await focused(open.page)).to.equal("body");
    await open.page.getByRole("button", { name: "Keys" }).click();
    expect(await open.page.locator("dialog [name=on]").isChecked()).to.equal(false);
  });
});

/** The id or the name of the element with the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement.id || document.activeElement.localName");
}
