import { expect } from "chai";
import { describe, it } from "mocha";
import { createFormats, localeOf } from "../../src/page/format/formats.ts";
import { createIntlFormats } from "../../src/page/format/intl-formats.ts";

describe("the formats of a reader", () => {
  for (const language of ["fa", "th", "ar-EG", "de-DE-u-ca-buddhist-nu-thai"]) {
    it(`keep the calendar and digits of the ISO dates beside them for ${language}`, async () => {
      const formats = createFormats(localeOf(language), createIntlFormats());
      const text = String(await formats.instant("2024-03-05T10:00:00Z", "UTC")).replace(/<[^>]*>/g, "");
      expect(text).to.include("2024");
      expect(formats.moneyText({ minor: "123456", major: "1234.56" }, "eur")).to.match(/1.?234.56/);
      expect(formats.count(7)).to.equal("7");
    });
  }

  it("are those of the first of a few languages that are known", () => {
    expect(localeOf("xx-invalid!, de-AT;q=0.9, en")).to.equal("de-AT");
    expect(localeOf(`${"*,".repeat(10)}de`)).to.equal("en-GB");
  });
});
