import { expect } from "chai";
import { describe, it } from "mocha";
import {
  bearerTokenShape,
  ConfigError,
  parseBearerToken,
  parseSecrets,
  unlimitedScope,
} from "../src/index.ts";

describe("a bearer token on its line", () => {
  it("reads everything without words after it", () => {
    expect(parseBearerToken("abc.~+/-_=")).to.deep.equal({ token: "abc.~+/-_=", scope: unlimitedScope });
  });

  it("is limited by the words after it", () => {
    const line = "token  account=acct_1 account=platform\tsource=shop-eu livemode=true bodies=false";
    expect(parseBearerToken(line)).to.deep.equal({
      token: "token",
      scope: { accounts: ["acct_1", "platform"], sources: ["shop-eu"], livemode: true, bodies: false },
    });
  });

  for (const words of [
    "of mine",
    "account",
    "account=",
    "account=*",
    "account=mine",
    "accounts=acct_1",
    "Account=acct_1",
    "source=*",
    "source=Shop",
    "livemode=yes",
    "livemode=true livemode=false",
    "bodies=none",
    "constructor=1",
    "# of the shop",
  ]) {
    it(`is refused with "${words}" after it, and not shown`, () => {
      const complaint = (): unknown => parseSecrets("API_TOKENS", `secret_token ${words}`, bearerTokenShape);
      expect(complaint).to.throw(ConfigError, /^[^]*API_TOKENS: secret 1 of 1 (?!.*secret_token)/);
    });
  }

  it("is refused when it is listed twice with different words, but not with the same", () => {
    const parse = (text: string): unknown => parseSecrets("API_TOKENS", text, bearerTokenShape);
    expect(() => parse("one\ntwo\none livemode=true")).to.throw(ConfigError, "twice");
    expect(parse("one,two\none")).to.deep.equal(["one", "two", "one"]);
  });
});
