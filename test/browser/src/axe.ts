import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The rules of WCAG 2.2 AA and those of good practice; and those of them that look at colours and sizes. */
const axeRules = {
  all: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  visual: ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
} as const satisfies Record<string, RunOptions["runOnly"]>;

/**
 * What axe-core finds on a page, in the words of its rules. The page must be one that lets scripts be put into it: whether
 * views obey their policy is tested elsewhere.
 */
export async function violations(page: Page, rules: keyof typeof axeRules): Promise<string[]> {
  await page.evaluate(`if (!("axe" in window)) { ${source} }`);
  // Only experimental rules read style sheets, and there is no media: nothing is to be loaded beforehand.
  const options = {
    runOnly: [...axeRules[rules]],
    resultTypes: ["violations"],
    preload: false,
  } satisfies RunOptions;
  const found = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
  );
}
