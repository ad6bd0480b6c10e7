import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { openPage, type OpenPage } from "./src/browser.ts";
import { shared } from "./src/shared.ts";
import { everySight, everyWidth, flawsOf } from "./src/sights.ts";
import { shownViews } from "./src/views.ts";

/** Without its script a view lacks a button and nothing else, so it is looked at once at each width. */
const sights = [everySight, everyWidth];

describe("every view, with and without scripts", () => {
  let pages: readonly OpenPage[];

  before(async () => {
    pages = await Promise.all(sights.map(() => openPage(shared().browser, { bypassCSP: true })));
    // axe-core needs scripts, so the second one is without those of the views.
    await pages[1]?.page.route("**/assets/*.js", (route) => route.abort());
  });

  after(() => Promise.all(pages.map((open) => open[Symbol.asyncDispose]())));

  for (const { name, path, status } of shownViews) {
    it(`is accessible and fits the screen, at every width, light and dark: ${name}`, async () => {
      const { url, before: earlier } = shared().installation;
      const address = `${url}${path}${path.endsWith("=") ? encodeURIComponent(earlier) : ""}`;
      // Each page has a process of its own.
      const flaws = await Promise.all(
        pages.map(async ({ page, noticed }, n) => {
          const response = await page.goto(address);
          expect(response?.status()).to.equal(status);
          const found = await flawsOf(page, sights[n]);
          expect(noticed.dialogs).to.deep.equal([]);
          expect(noticed.requests.filter((requested) => !requested.startsWith(`${url}/`))).to.deep.equal([]);
          return found;
        }),
      );
      expect(flaws).to.deep.equal([[], []]);
      expect(pages[0]?.noticed.errors).to.deep.equal([]);
    });
  }

  it("lists its keys accessibly, at every width, light and dark", async () => {
    const { url } = shared().installation;
    await using open = await openPage(shared().browser, { bypassCSP: true });
    await open.page.goto(`${url}/events`);
    await open.page.keyboard.press("?");
    await open.page.locator("dialog[open]").waitFor();
    expect(await flawsOf(open.page)).to.deep.equal([]);
  });
});
