import { expect } from "chai";
import { describe, it } from "mocha";
import { openPage } from "./src/browser.ts";
import { paymentPath } from "./src/views.ts";
import { shared } from "./src/shared.ts";

const most = { bytes: 30_000, requests: 4 } as const;

describe("a first visit", () => {
  for (const path of ["/?from=2026-10-01&to=2026-11-01", paymentPath]) {
    it(`loads at most 30 kB in 4 requests: ${path}`, async () => {
      const { browser, installation } = shared();
      await using open = await openPage(browser);
      const sizes: Promise<number>[] = [];
      open.page.on("requestfinished", (request) => {
        sizes.push(
          request
            .sizes()
            .then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
        );
      });
      await open.page.goto(installation.url + path, { waitUntil: "networkidle" });
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      expect(open.noticed.requests.length).to.be.within(3, most.requests);
      expect(bytes).to.be.within(1_000, most.bytes);
    });
  }
});
