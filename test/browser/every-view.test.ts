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
  readonly rules: RunOptions;
};

/** Contrast depends on the scheme, sizes on the width, and neither on the other; scripts add a button and a dialog. */
const sights: Readonly<Record<string, readonly Sight[]>> = {
  "with scripts": [
    { width: 1_440, colorScheme: "light", rules: axeRules.all },
    { width: 768, colorScheme: "dark", rules: axeRules.visual },
    { width: 320, colorScheme: "light", rules: axeRules.visual },
  ],
  "without scripts": [
    { width: 320, colorScheme: "dark", rules: axeRules.all },
    { width: 768, colorScheme: "light", rules: axeRules.visual },
  ],
};

for (const [scripts, seen] of Object.entries(sights)) {
  describe(`every view, ${scripts}`, () => {
    let open: OpenPage;

    before(async () => {
      open = await openPage(shared().browser, { bypassCSP: true });
      if (scripts === "without scripts") await open.page.route("**/assets/*.js", (route) => route.abort());
    });

    after(() => open[Symbol.asyncDispose]());

    for (const { name, path, status } of shownViews) {
      it(`is accessible and fits the screen: ${name}`, async () => {
        const { page, noticed } = open;
        const { url, before: earlier } = shared().installation;
        const address = `${url}${path}${path.endsWith("=") ? encodeURIComponent(earlier) : ""}`;
        const response = await page.goto(address);
        expect(response?.status()).to.equal(status);
        for (const { width, colorScheme, rules: options } of seen) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          expect(await overflow(page), `${width} px`).to.deep.equal([]);
          expect(await violations(page, options), `${width} px, ${colorScheme}`).to.deep.equal([]);
        }
        expect(noticed.dialogs).to.deep.equal([]);
        const elsewhere = noticed.requests.filter((address) => !address.startsWith(`${url}/`));
        expect(elsewhere).to.deep.equal([]);
        if (scripts === "with scripts") expect(noticed.errors).to.deep.equal([]);
      });
    }
  });
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
