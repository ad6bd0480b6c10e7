import { expect } from "chai";
import { describe, it } from "mocha";
import { z } from "zod";
import {
  ConfigError,
  type Environment,
  flag,
  host,
  integer,
  logLevel,
  parseEnv,
  port,
  url,
} from "../src/config.ts";

const schema = z.object({
  PORT: port().default(8080),
  SIZE: integer(10, 20).default(15),
  WANTED: flag().default(false),
  LOG_LEVEL: logLevel,
  NATS_URL: url("nats", "tls"),
  EXTRA: z.string().optional(),
});
const nats = { NATS_URL: "nats://localhost:4222" };

function configErrorOf(env: Environment): string {
  try {
    return JSON.stringify(parseEnv(schema, env));
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

describe("the settings in an environment", () => {
  it("have their defaults where nothing is set", () => {
    expect(parseEnv(schema, nats)).to.deep.equal({
      PORT: 8080,
      SIZE: 15,
      WANTED: false,
      LOG_LEVEL: "info",
      NATS_URL: "nats://localhost:4222",
    });
  });

  it("have the values that are set", () => {
    const env = { ...nats, PORT: "0", SIZE: "20", WANTED: "true", LOG_LEVEL: "silent", EXTRA: "x" };
    expect(parseEnv(schema, env)).to.deep.equal({ ...env, PORT: 0, SIZE: 20, WANTED: true });
  });

  it("count as absent when they are empty or blank", () => {
    const env = { ...nats, PORT: "", SIZE: " ", EXTRA: "\n", LOG_LEVEL: "" };
    expect(parseEnv(schema, env)).to.include({ PORT: 8080, SIZE: 15, LOG_LEVEL: "info" });
    expect(parseEnv(schema, env)).not.to.have.property("EXTRA");
  });

  it("are all listed at once when they are wrong, each with what is expected", () => {
    const text = configErrorOf({
      PORT: "high",
      SIZE: "9",
      WANTED: "yes",
      LOG_LEVEL: "loud",
      NATS_URL: "http://x",
    });
    expect(text.split("\n")).to.have.length(6);
    expect(text).to.match(/^the environment is not usable:\n/);
    expect(text).to.match(/^ {2}PORT: must be a whole number from 0 to 65535$/m);
    expect(text).to.match(/^ {2}SIZE: must be a whole number from 10 to 20$/m);
    expect(text).to.match(/^ {2}WANTED: must be true or false$/m);
    expect(text).to.match(/^ {2}LOG_LEVEL: /m);
    expect(text).to.match(/^ {2}NATS_URL: must be a URL starting with nats:\/\/ or tls:\/\/$/m);
  });

  it("are required where there is no default", () => {
    expect(configErrorOf({})).to.match(/^ {2}NATS_URL: is required$/m);
  });

  it("ignore other variables", () => {
    expect(parseEnv(schema, { ...nats, HOME: "/", OTHER: "x" })).not.to.have.any.keys("HOME", "OTHER");
  });

  for (const wrong of ["-1", "1.5", "0x10", "1e3", "9999999999999999", "NaN", "65536", "80 ", "８０"]) {
    it(`never become a default in place of a wrong value: ${JSON.stringify(wrong)}`, () => {
      expect(configErrorOf({ ...nats, PORT: wrong })).to.match(/PORT: must be a whole number/);
    });
  }

  it("accept an IP address to listen on, never a name, which some shells export as HOST", () => {
    const address = z.object({ HOST: host().optional() });
    for (const HOST of ["127.0.0.1", "0.0.0.0", "::1"])
      expect(parseEnv(address, { HOST })).to.deep.equal({ HOST });
    expect(() => parseEnv(address, { HOST: "my-laptop" })).to.throw(
      "HOST: must be the IP address to listen on",
    );
  });

  it("do not repeat the value of a secret in the error message", () => {
    expect(configErrorOf({ NATS_URL: "https://user:hunter2@host" })).not.to.contain("hunter2");
  });

  it("accept each of the given schemes of a URL", () => {
    expect(parseEnv(schema, { NATS_URL: "tls://h:1" }).NATS_URL).to.equal("tls://h:1");
  });
});
