import type { Page } from "playwright-core";
import { violations } from "./axe.ts";

/** A width and a colour scheme that a page is looked at in. */
type Sight = { readonly width: number; readonly colorScheme: "light" | "dark" };

const widths = [1_440, 768, 320] as const;

/** Every width in both colour schemes. */
export const everySight: readonly Sight[] = widths.flatMap((width) => [
  { width, colorScheme: "light" },
  { width, colorScheme: "dark" },
]);

/** Every width once, the widest and the narrowest dark. */
export const everyWidth: readonly Sight[] = widths.map((width) => ({
  width,
  colorScheme: width === 768 ? "light" : "dark",
}));

/**
 * Looks at a page and says what is wrong: what axe-core finds, and what is wider than the screen. Most rules read the markup,
 * of which no width and no scheme hides or shows any, so they are asked at the first sight; those that look at colours and
 * sizes, at each. What is folded is opened first: nothing looks into it otherwise.
 */
export async function flawsOf(page: Page, sights: readonly Sight[] = everySight): Promise<string[]> {
  await page.evaluate(`document.querySelectorAll("details").forEach((one) => void (one.open = true))`);
  const flaws: string[] = [];
  for (const [index, { width, colorScheme }] of sights.entries()) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const found = [...(await tooWide(page)), ...(await violations(page, index === 0 ? "all" : "visual"))];
    flaws.push(...found.map((flaw) => `${width} px, ${colorScheme}: ${flaw}`));
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
