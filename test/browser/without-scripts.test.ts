import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Page } from "playwright-core";
import { openPage, type OpenPage } from "./src/browser.ts";
import { eventfulEvent } from "./src/generated-events.ts";
import { shared } from "./src/shared.ts";

describe("without scripts", () => {
  let open: OpenPage;
  let page: Page;

  beforeEach(async () => {
    open = await openPage(shared().browser, { javaScriptEnabled: false });
    ({ page } = open);
    await page.goto(`${shared().installation.url}/`);
  });

  afterEach(() => open[Symbol.asyncDispose]());

  const openForm = (): Promise<void> => page.locator("details:has(.filters) > summary").click();
  const show = (): Promise<unknown> =>
    Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Show" }).click()]);

  it("a range is chosen by its form", async () => {
    await openForm();
    await page.getByLabel("From").fill("2026-10-01");
    await page.getByLabel("To (exclusive)").fill("2026-11-01");
    await show();
    expect(await page.locator("h1").innerText()).to.equal("Revenue, October 2026");
    expect(await page.locator(".chart svg").count()).to.be.greaterThan(0);
  });

  it("an impossible range comes back in its form, with what is wrong beside the field", async () => {
    await openForm();
    await page.getByLabel("From").fill("yesterday");
    await show();
    const from = page.getByLabel("From");
    expect(await from.inputValue()).to.equal("yesterday");
    expect(await from.getAttribute("aria-invalid")).to.equal("true");
    const described = (await from.getAttribute("aria-describedby")) ?? "";
    expect(await page.locator(`#${described}`).innerText()).to.not.equal("");
  });

  it("a search leads to what has the id, and back leads back", async () => {
    await page.getByRole("searchbox").fill(eventfulEvent);
    await Promise.all([
      page.waitForURL(new RegExp(`/events/${eventfulEvent}$`)),
      page.getByRole("button", { name: "Search" }).click(),
    ]);
    expect(await page.locator("pre").innerText()).to.include(eventfulEvent);
    await page.goBack();
    expect(new URL(page.url()).pathname).to.equal("/");
  });

  it("nothing is shown that only a script could work", async () => {
    expect(await page.getByRole("button", { name: "Keys" }).count()).to.equal(0);
    expect(await page.getByRole("dialog").count()).to.equal(0);
  });
});
