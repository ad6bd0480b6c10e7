import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { eventfulEvent } from "./src/generated-events.ts";
import { pageOfEachTest } from "./src/page-of-each-test.ts";
import { shared } from "./src/shared.ts";

describe("without scripts", () => {
  const open = pageOfEachTest({ javaScriptEnabled: false });
  beforeEach(() => open.page.goto(`${shared().installation.url}/`));

  const openForm = (): Promise<void> => open.page.locator("details:has(.filters) > summary").click();
  const show = (): Promise<unknown> =>
    Promise.all([open.page.waitForEvent("load"), open.page.getByRole("button", { name: "Show" }).click()]);

  it("a range is chosen by its form", async () => {
    await openForm();
    await open.page.getByLabel("From").fill("2026-10-01");
    await open.page.getByLabel("To (exclusive)").fill("2026-11-01");
    await show();
    expect(await open.page.locator("h1").innerText()).to.equal("Revenue, October 2026");
    expect(await open.page.locator(".chart svg").count()).to.be.greaterThan(0);
  });

  it("an impossible range comes back in its form, with what is wrong beside the field", async () => {
    await openForm();
    await open.page.getByLabel("From").fill("yesterday");
    await show();
    const from = open.page.getByLabel("From");
    expect(await from.inputValue()).to.equal("yesterday");
    expect(await from.getAttribute("aria-invalid")).to.equal("true");
    const described = (await from.getAttribute("aria-describedby")) ?? "";
    expect(await open.page.locator(`#${described}`).innerText()).to.not.equal("");
  });

  it("a search leads to what has the id, and back leads back", async () => {
    await open.page.getByRole("searchbox").fill(eventfulEvent);
    await Promise.all([
      open.page.waitForURL(new RegExp(`/events/${eventfulEvent}$`)),
      open.page.getByRole("button", { name: "Search" }).click(),
    ]);
    expect(await open.page.locator("pre").innerText()).to.include(eventfulEvent);
    await open.page.goBack();
    expect(new URL(open.page.url()).pathname).to.equal("/");
  });

  it("nothing is shown that only a script could work", async () => {
    expect(await open.page.getByRole("button", { name: "Keys" }).count()).to.equal(0);
    expect(await open.page.getByRole("dialog").count()).to.equal(0);
  });
});
