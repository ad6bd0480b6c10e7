import { after, before } from "mocha";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.ts";
import { type Installation, startInstallation } from "./installation.ts";

let started: { readonly installation: Installation; readonly browser: Browser } | undefined;

// One browser and one service for all files: they start once, before the first test, and end after the last.
before(async () => {
  const [installation, browser] = await Promise.all([startInstallation(), startBrowser()]);
  started = { installation, browser };
});

after(async () => {
  await started?.browser.close();
  await started?.installation[Symbol.asyncDispose]();
});

/** The installation and the browser of this run. Only while tests run. */
export function shared(): { readonly installation: Installation; readonly browser: Browser } {
  if (started === undefined) throw new Error("The browser starts with the first test.");
  return started;
}
