import { expect } from "chai";
import { describe, it } from "mocha";
import { demoPage, pageInvitation } from "../src/page-address.ts";

describe("the invitation to the page", () => {
  it("leads to the traffic of the day before on the first of a month too", () => {
    const link = new URL(demoPage("http://127.0.0.1:8081", new Date("2026-12-01T00:30:00Z")));
    expect(Object.fromEntries(link.searchParams)).to.deep.equal({
      livemode: "false",
      from: "2026-11-30",
      to: "2026-12-02",
    });
  });

  it("says how to sign in where tokens are set, and only there", () => {
    expect(pageInvitation("http://a/", true)).to.match(/http:\/\/a\/\nSign in with a token of API_TOKENS/);
    expect(pageInvitation("http://a/", false)).to.not.include("Sign in");
  });
});
