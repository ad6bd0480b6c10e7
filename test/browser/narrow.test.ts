import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";
import { openPage } from "./src/browser.ts";
import { shared } from "./src/shared.ts";

/** A choice of ranges, and a choice with a form. */
const paths = ["/?from=2026-10-01&to=2026-11-01", "/payouts"];

describe("what a view is chosen by", () => {
  async function open(width: number, show: (page: Page) => Promise<void>): Promise<void> {
    const { browser, installation } = shared();
    await using opened = await openPage(browser, { viewport: { width, height: 640 } });
    for (const path of paths) {
      await opened.page.goto(installation.url + path);
      await show(opened.page);
    }
  }

  it("is one line above the figures at 320 px, which the keyboard opens", () =>
    open(320, async (page) => {
      const fold = page.locator("details.fold");
      expect((await fold.boundingBox())?.height, page.url()).to.be.lessThan(40);
      await fold.locator("summary").press("Enter");
      await page.keyboard.press("Tab");
      expect(await page.evaluate(`document.activeElement.closest(".fold") !== null`)).to.equal(true);
      expect((await fold.boundingBox())?.height).to.be.greaterThan(60);
    }));

  it("is in sight on a wide screen, and reached with Tab", () =>
    open(1_024, async (page) => {
      const fold = page.locator("details.fold");
      const choice = fold.locator("a, input").first();
      expect(await choice.isVisible(), page.url()).to.equal(true);
      expect(await fold.locator("> summary").isVisible()).to.equal(false);
      await page.locator("h1").click();
      let isReached = false;
      for (let tabs = 0; tabs < 12 && !isReached; tabs += 1) {
        await page.keyboard.press("Tab");
        isReached = await choice.evaluate((one) => one.ownerDocument.activeElement === one);
      }
      expect(isReached).to.equal(true);
    }));
});
