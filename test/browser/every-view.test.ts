import type { RunOptions } from "axe-core";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Page } from "playwright-core";
import { axeRules, violations } from "./src/axe.ts";
import { openPage, type OpenPage } from "./src/browser.ts";
import { shared } from "./src/shared.ts";
import { shownViews } from "./src/views.ts";

type Sight = {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
  /** Absent: only whether the view fits. */
  readonly rules?: RunOptions;
};

/**
 * Contrast depends on the scheme, sizes on the width, and neither on the other. Scripts only add a button and a dialog, so
 * that what all rules find with them is not looked for again without.
 */
const sights: readonly (readonly Sight[])[] = [
  [
    { width: 1_440, colorScheme: "light", rules: axeRules.all },
    { width: 768, colorScheme: "light" },
    { width: 320, colorScheme: "dark", rules: axeRules.visual },
  ],
  [
    { width: 320, colorScheme: "light" },
    { width: 768, colorScheme: "dark", rules: axeRules.visual },
    { width: 1_440, colorScheme: "dark" },
  ],
];

describe("every view, with and without scripts", () => {
  let pages: readonly OpenPage[];

  before(async () => {
    pages = await Promise.all(sights.map(() => openPage(shared().browser, { bypassCSP: true })));
    await pages[1]?.page.route("**/assets/*.js", (route) => route.abort());
  });

  after(() => Promise.all(pages.map((open) => open[Symbol.asyncDispose]())));

  for (const { name, path, status } of shownViews) {
    it(`is accessible and fits the screen: ${name}`, async () => {
      const { url, before: earlier } = shared().installation;
      const address = `${url}${path}${path.endsWith("=") ? encodeURIComponent(earlier) : ""}`;
      // Each page has a process of its own.
      await Promise.all(
        pages.map(async ({ page, noticed }, n) => {
          const response = await page.goto(address);
          expect(response?.status()).to.equal(status);
          await look(page, sights[n] ?? []);
          expect(noticed.dialogs).to.deep.equal([]);
          expect(noticed.requests.filter((requested) => !requested.startsWith(`${url}/`))).to.deep.equal([]);
        }),
      );
      expect(pages[0]?.noticed.errors).to.deep.equal([]);
    });
  }
});

async function look(page: Page, seen: readonly Sight[]): Promise<void> {
  for (const { width, colorScheme, rules } of seen) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    expect(await overflow(page), `${width} px`).to.deep.equal([]);
    if (rules === undefined) continue;
    expect(await violations(page, rules), `${width} px, ${colorScheme}`).to.deep.equal([]);
  }
}

/** The elements that make the page wider than the screen. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5);
    return ["page", ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
  })()`);
}
