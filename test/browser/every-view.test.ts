import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Page } from "playwright-core";
import { openPage, type OpenPage } from "./src/browser.ts";
import { shared } from "./src/shared.ts";
import { shownViews } from "./src/views.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** All rules of WCAG 2.2 AA, and those whose result depends on width and colours. */
const rules = {
  all: { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  visual: {
    runOnly: ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
  },
} satisfies Record<string, RunOptions>;
type Sight = {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
  readonly rules: RunOptions;
};

/** Contrast depends on the scheme, sizes on the width, and neither on the other; scripts add a button and a dialog. */
const sights: Readonly<Record<string, readonly Sight[]>> = {
  "with scripts": [
    { width: 1_440, colorScheme: "light", rules: rules.all },
    { width: 768, colorScheme: "dark", rules: rules.visual },
    { width: 320, colorScheme: "light", rules: rules.visual },
  ],
  "without scripts": [
    { width: 320, colorScheme: "dark", rules: rules.all },
    { width: 768, colorScheme: "light", rules: rules.visual },
  ],
};

for (const [scripts, seen] of Object.entries(sights)) {
  describe(`every view, ${scripts}`, () => {
    let open: OpenPage;

    before(async () => {
      // The checks themselves are a script that is put into the page; whether views obey the policy is tested elsewhere.
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
        await page.evaluate(axeSource);
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

/** What axe-core finds, in the words of its rules. */
async function violations(page: Page, options: RunOptions): Promise<string[]> {
  const found = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify({ ...options, resultTypes: ["violations"] })})`,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
  );
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
