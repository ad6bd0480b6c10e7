import { ConfigError } from "@takings/runtime";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readSettings } from "../src/settings.ts";

const enough = { DATABASE_URL: "postgres://localhost/takings", API_TOKENS: "secret" };

function complaint(env: Readonly<Record<string, string | undefined>>): string {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("the settings of revenue-query", () => {
  it("require only a database and a token", () => {
    const { port, adminPort, defaultLivemode, tokens } = readSettings(enough);
    expect([port, adminPort, defaultLivemode, tokens.text]).to.deep.equal([8081, 9090, true, "secret"]);
  });

  it("are rejected without a token", () => {
    expect(complaint({ ...enough, API_TOKENS: undefined })).to.include("API_TOKENS: is required");
  });

  it("are rejected with an empty token", () => {
    expect(complaint({ ...enough, API_TOKENS: " " })).to.include("API_TOKENS: is required");
  });

  it("are accepted without a token when anonymous access is allowed", () => {
    expect(complaint({ ...enough, API_TOKENS: undefined, ALLOW_ANONYMOUS: "true" })).to.equal("");
  });

  it("are accepted with a file of tokens", () => {
    expect(complaint({ ...enough, API_TOKENS: undefined, API_TOKENS_FILE: "/run/tokens" })).to.equal("");
  });

  for (const [name, bad] of [
    ["PUBLIC_URL", "takings.example.com"],
    ["PAGE_USER_HEADER", "X-Forwarded-User: ann"],
    ["TRUST_PROXY", "proxy.example.com"],
  ] as const) {
    it(`are rejected with ${name}=${bad}`, () => {
      expect(complaint({ ...enough, [name]: bad })).to.include(`${name}: `);
    });
  }

  it("are rejected with every bad key named at once", () => {
    const message = complaint({
      DATABASE_URL: "mysql://x",
      PORT: "http",
      DEFAULT_LIVEMODE: "yes",
      STRIPE_ACCOUNT_ID: "x",
    });
    const missing = ["DATABASE_URL", "PORT", "DEFAULT_LIVEMODE", "STRIPE_ACCOUNT_ID", "API_TOKENS"].filter(
      (key) => !message.includes(key),
    );
    expect(missing).to.deep.equal([]);
  });
});
