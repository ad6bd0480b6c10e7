import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { testVariable } from "@takings/testkit";
import { describe, it } from "mocha";
import { openPage } from "./browser.ts";
import { pictures } from "./pictures.ts";
import { shared } from "./shared.ts";

// Not tests: pictures of the main views for the README, written to SCREENSHOTS.
describe("screenshots", () => {
  for (const { name, path, width, height, colorScheme } of pictures) {
    it(name, async () => {
      const { browser, installation } = shared();
      await using open = await openPage(browser, {
        viewport: { width, height },
        colorScheme: colorScheme ?? "light",
        deviceScaleFactor: 1,
      });
      await open.page.goto(installation.url + path);
      const folder = testVariable("SCREENSHOTS");
      mkdirSync(folder, { recursive: true });
      await open.page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
    });
  }
});
