import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** All rules of WCAG 2.2 AA with those of good practice, and those whose result depends on width and colours. */
export const axeRules = {
  all: { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  visual: {
    runOnly: ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
  },
} satisfies Record<string, RunOptions>;

/**
 * What axe-core finds on a page, in the words of its rules. The page must be one that lets scripts be put into it: whether
 * views obey their policy is tested elsewhere.
 */
export async function violations(page: Page, rules: RunOptions): Promise<string[]> {
  await page.evaluate(`if (!("axe" in window)) { ${source} }`);
  const options = JSON.stringify({ ...rules, resultTypes: ["violations"] });
  const found = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ""}`),
  );
}
