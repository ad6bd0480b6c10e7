import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "@takings/runtime";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { readBalanceSettings } from "../src/balance/settings.ts";
import { readStripeSettings, type StripeSettings, stripeSettings } from "../src/settings/stripe.ts";

describe("how Stripe is asked about a source", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "takings-sources-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const pathOf = (name: string): string => join(folder, name);
  /** Writes a file and returns its path. */
  function file(name: string, content: string): string {
    writeFileSync(pathOf(name), content);
    return pathOf(name);
  }
  const read = (source: string, shop?: object): StripeSettings => {
    const sources = { shop: { webhook_secrets: ["whsec_shop"], ...shop } };
    const env = {
      STRIPE_API_KEY: "rk_live_default",
      STRIPE_ACCOUNT_ID: "acct_default",
      ...(shop !== undefined && { STRIPE_SOURCES_FILE: file("sources.json", JSON.stringify(sources)) }),
    };
    return readStripeSettings(parseEnv(stripeSettings, env), source);
  };

  it("is by the key and the account of the sources file", () => {
    const key = file("key", "rk_test_shop\n");
    expect(read("shop", { api_key_file: key, account_id: "acct_shop" })).to.include({
      source: "shop",
      apiKey: "rk_test_shop",
      livemode: false,
      platformAccount: "acct_shop",
    });
  });

  it("is by the settings of the environment for the default source", () => {
    expect(read("default", { api_key_file: pathOf("none") })).to.include({
      source: "default",
      apiKey: "rk_live_default",
      livemode: true,
      platformAccount: "acct_default",
    });
  });

  it("never takes the account of another source", () => {
    const key = file("key", "rk_test_shop");
    expect(read("shop", { api_key_file: key }).platformAccount).to.equal(undefined);
  });

  for (const [what, source, shop, message] of [
    ["without a sources file", "shop", undefined, /STRIPE_SOURCES_FILE: is required for source shop$/],
    [
      "not in the file",
      "other",
      {},
      /STRIPE_SOURCES_FILE: there is no source other; besides default there is shop$/,
    ],
    [
      "without a key",
      "shop",
      {},
      /STRIPE_SOURCES_FILE: source shop: api_key_file: is required to ask Stripe/,
    ],
  ] as const)
    it(`is refused for a source ${what}, which the message names`, () => {
      expect(() => read(source, shop)).to.throw(message);
    });

  it("is refused with a key file that cannot be read", () => {
    const missing = pathOf("missing");
    expect(() => read("shop", { api_key_file: missing })).to.throw(
      /source shop: api_key_file: cannot be read: ENOENT/,
    );
  });

  it("is by the first of several keys in a file, as by STRIPE_API_KEY_FILE", () => {
    const key = file("key", "rk_test_first\nrk_test_second\n");
    expect(read("shop", { api_key_file: key })).to.include({ apiKey: "rk_test_first" });
  });

  for (const [what, content, message] of [
    ["no key", "\n", /source shop: api_key_file: contains no key$/],
    ["a key with other characters", "rk_test_secret0fake\u20ac\n", /api_key_file: secret 1 of 1 contains/],
    ["a key of nothing but its mode", "rk_test_\n", /api_key_file: must be a live or test mode key/],
  ] as const)
    it(`is refused with ${what} in the file, which is not shown`, () => {
      const key = file("key", content);
      expect(() => read("shop", { api_key_file: key }))
        .to.throw(message)
        .with.property("message")
        .that.does.not.include("secret0fake");
    });

  it("is by the connected accounts of the environment for the default source only", () => {
    const api_key_file = file("key", "rk_test_shop");
    const shop = { webhook_secrets: ["whsec_shop"], api_key_file };
    const env = {
      STRIPE_API_KEY: "rk_test_default",
      STRIPE_CONNECTED_ACCOUNTS: "acct_1A,acct_1B",
      STRIPE_SOURCES_FILE: file("sources.json", JSON.stringify({ shop })),
      DATABASE_URL: "postgres://u:p@127.0.0.1/takings",
      NATS_URL: "nats://127.0.0.1",
    };
    expect(readBalanceSettings(env, "default").connectedAccounts).to.deep.equal(["acct_1A", "acct_1B"]);
    expect(readBalanceSettings(env, "shop").connectedAccounts).to.deep.equal([]);
  });

  it("is refused with a key of no mode, which is not shown", () => {
    const key = file("key", "pk_test_secret0fake");
    expect(() => read("shop", { api_key_file: key }))
      .to.throw(/source shop: api_key_file: must be a live or test mode key/)
      .with.property("message")
      .that.does.not.include("secret0fake");
  });
});
