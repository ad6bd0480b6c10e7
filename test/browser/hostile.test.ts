import { expect } from "chai";
import { describe, it } from "mocha";
import type { Page } from "playwright-core";
import { openPage } from "./src/browser.ts";
import { hostileAccount, hostileEventIds, hostileTexts } from "./src/hostile-events.ts";
import { pageOfEachTest } from "./src/page-of-each-test.ts";
import { shared } from "./src/shared.ts";

describe("hostile strings", () => {
  const open = pageOfEachTest();
  const lists = ["/ledger", "/events", "/gaps"].map((path) => `${path}?account=${hostileAccount}&limit=1000`);

  it("are shown as text in every list, and in fields", async () => {
    const typed = encodeURIComponent(hostileTexts.join(""));
    for (const path of [...lists, `/?from=${typed}&currency=${typed}&q=${typed}`, `/search?q=${typed}`]) {
      await open.page.goto(shared().installation.url + path);
      expect(await strangers(open.page), path).to.deep.equal([]);
    }
    expect(open.noticed.dialogs).to.deep.equal([]);
  });

  it("are shown as they were received in the body of an event", async () => {
    for (const [n, id] of hostileEventIds.entries()) {
      await open.page.goto(`${shared().installation.url}/events/${encodeURIComponent(id)}`);
      const body = JSON.parse(await open.page.locator("pre").innerText()) as {
        metadata: Record<string, string>;
      };
      expect(Object.values(body.metadata)).to.deep.equal([hostileTexts[n]]);
      expect(await strangers(open.page), id).to.deep.equal([]);
    }
    expect(open.noticed.dialogs).to.deep.equal([]);
  });
});

describe("the content security policy", () => {
  it("lets nothing inline run or show, and nothing come from elsewhere", async () => {
    const { browser, installation } = shared();
    await using open = await openPage(browser);
    await open.page.goto(`${installation.url}/ledger`);
    const violated = await open.page.evaluate<string[]>(`new Promise((resolve) => {
      const violated = [];
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        violated.push(effectiveDirective);
        if (violated.length === 4) resolve(violated.sort());
      });
      document.body.insertAdjacentHTML(
        "beforeend",
        '<p style="color: red" onclick="window.hacked = 1">x</p><img src="https://elsewhere.invalid/x.png">',
      );
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      document.body.append(script);
      document.body.lastElementChild.previousElementSibling.previousElementSibling.click();
    })`);
    expect(violated).to.deep.equal(["img-src", "script-src-attr", "script-src-elem", "style-src-attr"]);
    expect(await open.page.evaluate<boolean>('"hacked" in window')).to.equal(false);
  });
});

/** Elements and attributes that no view has. */
function strangers(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const found = document.querySelectorAll("hostile, img, body script, svg[onload], [onfocus], [onerror], [autofocus], [style]:not(.tip), [href^='javascript:' i]");
    return [...found].map((one) => one.outerHTML);
  })()`);
}
