import { afterEach, beforeEach } from "mocha";
import type { BrowserContextOptions } from "playwright-core";
import { openPage, type OpenPage } from "./browser.ts";
import { shared } from "./shared.ts";

/** Opens an empty page before each test of the block that this is called in, and closes it after the test. */
export function pageOfEachTest(options: BrowserContextOptions = {}): Pick<OpenPage, "page" | "noticed"> {
  let open: OpenPage | undefined;
  beforeEach(async () => {
    open = await openPage(shared().browser, options);
  });
  afterEach(() => open?.[Symbol.asyncDispose]());
  const current = (): OpenPage => {
    if (open === undefined) throw new Error("The page is opened before each test.");
    return open;
  };
  return {
    get page() {
      return current().page;
    },
    get noticed() {
      return current().noticed;
    },
  };
}
