import type { Page } from "playwright-core";
import { violations } from "./axe.ts";

const widths = [1_440, 768, 320] as const;
const colorSchemes = ["light", "dark"] as const;

/**
 * Looks at a page at every width, in both colour schemes, and says what is wrong: what axe-core finds there, and what is wider
 * than the screen. Most rules read the markup, of which no width and no scheme hides or shows any, so they are asked once;
 * those that look at colours and sizes, each time. What is folded is opened first: nothing looks into it otherwise.
 */
export async function flawsOf(page: Page): Promise<string[]> {
  await page.evaluate(`document.querySelectorAll("details").forEach((one) => void (one.open = true))`);
  const flaws: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of colorSchemes) {
      await page.emulateMedia({ colorScheme });
      const rules = width === widths[0] && colorScheme === colorSchemes[0] ? "all" : "visual";
      const found = [...(await tooWide(page)), ...(await violations(page, rules))];
      flaws.push(...found.map((flaw) => `${width} px, ${colorScheme}: ${flaw}`));
    }
  }
  return flaws;
}

/** The elements that make the page wider than the screen. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5);
    return ["page", ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))].map((one) => "too wide: " + one);
  })()`);
}
