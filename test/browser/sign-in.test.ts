import type { TestService } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { openPage } from "./src/browser.ts";
import { eventfulEvent } from "./src/generated-events.ts";
import { shared } from "./src/shared.ts";
import { flawsOf } from "./src/sights.ts";

const token = "a-token-for-browser-tests";
const path = `/events/${eventfulEvent}`;

describe("signing in", () => {
  let service: TestService;

  before(async () => {
    service = await shared().installation.startAnother({ API_TOKENS: token });
    await service.ready();
  });

  after(() => service[Symbol.asyncDispose]());

  for (const javaScriptEnabled of [true, false]) {
    it(`leads back to the view, and out again, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
      await using open = await openPage(shared().browser, { javaScriptEnabled });
      const { page } = open;
      expect((await page.goto(service.url + path))?.status()).to.equal(401);
      await page.getByLabel("API token").fill(token);
      await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
      expect(page.url()).to.equal(service.url + path);
      expect(await page.locator("pre").innerText()).to.include(eventfulEvent);
      await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Log out" }).click()]);
      expect((await page.goto(service.url + path))?.status()).to.equal(401);
      expect(open.noticed.errors).to.deep.equal([]);
    });
  }

  it("keeps its session from scripts and from other origins", async () => {
    await using open = await openPage(shared().browser);
    const { page } = open;
    await page.goto(service.url + path);
    await page.getByLabel("API token").fill(token);
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    expect(await page.evaluate<string>("document.cookie")).to.equal("");
    const cookies = await page.context().cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).to.deep.equal([
      { httpOnly: true, sameSite: "Strict" },
    ]);
  });

  it("is accessible at every width, light and dark, after a wrong token too", async () => {
    await using open = await openPage(shared().browser, { bypassCSP: true });
    const { page } = open;
    await page.goto(service.url + path);
    expect(await flawsOf(page)).to.deep.equal([]);
    await page.getByLabel("API token").fill("wrong");
    await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    expect(await page.getByLabel("API token").getAttribute("aria-invalid")).to.equal("true");
    expect(await flawsOf(page)).to.deep.equal([]);
  });
});
