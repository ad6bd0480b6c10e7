import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { testVariable } from "@takings/testkit";

/** What a browser noticed while a page was open. */
type Noticed = {
  /** Errors of scripts and of the console. */
  readonly errors: string[];
  /** Addresses that were requested. */
  readonly requests: string[];
  readonly dialogs: string[];
};

/** A page in a context of its own: closing it closes all that belongs to it. */
export type OpenPage = AsyncDisposable & { readonly page: Page; readonly noticed: Noticed };

/** Starts Chromium without a screen. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: testVariable("CHROMIUM"),
    // Chromium's sandbox cannot be used by root, nor in most containers.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** Opens an empty page. Nothing that it requests is kept for another one. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const noticed: Noticed = { errors: [], requests: [], dialogs: [] };
  page.on("console", (message) => {
    if (message.type() === "error" && !isOfStatus(message.text())) noticed.errors.push(message.text());
  });
  page.on("pageerror", (error) => void noticed.errors.push(String(error)));
  page.on("request", (request) => void noticed.requests.push(request.url()));
  page.on("dialog", (dialog) => {
    noticed.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return { page, noticed, [Symbol.asyncDispose]: () => context.close() };
}

/** Chromium's note about a response that is no 2xx, as those are that say what is wrong with an address. */
function isOfStatus(text: string): boolean {
  return /^Failed to load resource: the server responded with a status of (400|401|403|404|429)/.test(text);
}
