import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { ConfigError, createLogger, followSources, readSources, type SourcesCheck } from "@takings/runtime";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";

const eu = { webhook_secrets: ["whsec_eu1"] };

describe("the file of sources", () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
    file = join(dir, "sources.json");
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });
  const write = (content: unknown): void =>
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  const problemsOf = (content: unknown): string => {
    write(content);
    try {
      readSources(file);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
    return "none";
  };

  it("gives each source its secrets, account and key file", () => {
    write({
      "shop-eu": {
        webhook_secrets: ["whsec_aaa", "whsec_bbb"],
        account_id: "acct_1",
        api_key_file: "/keys/eu",
      },
      "2": { webhook_secrets_file: "/keys/2" },
    });
    expect(Object.fromEntries(readSources(file))).to.deep.equal({
      "shop-eu": {
        webhookSecrets: ["whsec_aaa", "whsec_bbb"],
        webhookSecretsFile: undefined,
        accountId: "acct_1",
        apiKeyFile: "/keys/eu",
      },
      "2": {
        webhookSecrets: [],
        webhookSecretsFile: "/keys/2",
        accountId: undefined,
        apiKeyFile: undefined,
      },
    });
  });

  it("may contain no source", () => {
    write({});
    expect(readSources(file).size).to.equal(0);
  });

  const table: readonly (readonly [string, unknown, string])[] = [
    ["is empty", " \n", "STRIPE_SOURCES_FILE: is empty"],
    [
      "is no JSON",
      `{"eu": {"webhook_secrets": ["whsec_eu1" "whsec_bbb"]}}`,
      "STRIPE_SOURCES_FILE: is not valid",
    ],
    ["is a list", [eu], "STRIPE_SOURCES_FILE: is JSON, but not an object"],
    ["has the default source", { default: eu }, "source default: is no name"],
    [
      "has a source twice",
      '{"eu": {"webhook_secrets": ["whsec_1}\\""]}, "\\u0065u": 1}',
      "source eu: is there twice",
    ],
    [
      "has a key twice",
      '{"eu": {"webhook_secrets": ["whsec_aaa"], "webhook_secrets": ["whsec_bbb"]}}',
      "source eu: webhook_secrets: is there twice",
    ],
    ["has a name in upper case", { EU: eu }, "source EU: a name has"],
    ["has an empty name", { "": eu }, "source : a name has"],
    ["has a name that is too long", { ["e".repeat(41)]: eu }, "a name has 1 to 40 characters"],
    ["has a name of the language", `{"__proto__": {"webhook_secrets": ["whsec_aaa"]}}`, "source __proto__:"],
    ["has a source that is no object", { eu: "whsec_eu1" }, 'source eu: must be {"webhook_secrets"'],
    ["has a source without secrets", { eu: {} }, "source eu: webhook_secrets: must be a list"],
    ["has a source with no secret", { eu: { webhook_secrets: [] } }, "eu: webhook_secrets: must be a list"],
    [
      "has an API key for a secret",
      { eu: { webhook_secrets: ["whsec_aaa", "sk_live_whsec"] } },
      "source eu: webhook_secrets: secret 2 of 2 is an API key",
    ],
    ["has an unknown key", { eu: { ...eu, acount_id: "acct_1" } }, "source eu: unknown key acount_id"],
    ["has a secret for a key", { eu: { ...eu, whsec_key: 1 } }, "source eu: unknown key whsec_…"],
    ["has a secret for a name", { whsec_name: eu }, "source whsec_…: a name has"],
    ["has an account that is none", { eu: { ...eu, account_id: "eu" } }, "source eu: account_id: must be a"],
    [
      "has an empty path",
      { eu: { ...eu, api_key_file: "" } },
      "eu: api_key_file: must be the path of a file",
    ],
    [
      "gives two sources one secret",
      { eu, us: eu },
      "us: webhook_secrets: secret 1 of 1 is also one of source eu",
    ],
    [
      "gives two sources one account",
      { eu: { ...eu, account_id: "acct_1" }, us: { webhook_secrets: ["whsec_us1"], account_id: "acct_1" } },
      "source us: account_id: acct_1 is also that of source eu",
    ],
  ];
  for (const [what, content, problem] of table) {
    it(`is refused when it ${what}, without a secret in the message`, () => {
      const problems = problemsOf(content);
      expect(problems).to.contain(problem);
      expect(problems).not.to.match(/whsec_\w|sk_live/);
    });
  }

  it("has all its problems named at once", () => {
    expect(problemsOf({ eu: { ...eu, account_id: "" }, us: {} }).split("\n")).to.have.length(3);
  });

  it("is refused when it cannot be read", () => {
    expect(() => readSources(join(dir, "none"))).to.throw(ConfigError, "STRIPE_SOURCES_FILE: cannot be read");
  });

  describe("that is followed", () => {
    let usable: boolean[];
    afterEach(() => mock.restoreAll());
    const follow = (check?: SourcesCheck): (() => string) => {
      usable = [];
      const log = createLogger({ service: "test", level: "silent" });
      const sources = followSources(file, log, (isUsable) => usable.push(isUsable), check);
      const started = performance.now();
      let seconds = 0;
      // The file is read again when a second has passed.
      mock.method(performance, "now", () => started + seconds * 1_000);
      return () => {
        seconds += 2;
        return [...sources().keys()].join();
      };
    };

    it("gives up and takes in sources", () => {
      write({ eu });
      const names = follow();
      write({ us: eu });
      expect(names()).to.equal("us");
      write({});
      expect(names()).to.equal("");
      expect(usable).to.deep.equal([true, true, true]);
    });

    it("keeps the sources while it cannot be understood, and says so once", () => {
      write({ eu });
      const names = follow();
      write('{"eu":');
      expect([names(), names()]).to.deep.equal(["eu", "eu"]);
      write({ eu, us: { webhook_secrets: ["whsec_us1"] } });
      expect(names()).to.equal("eu,us");
      expect(usable).to.deep.equal([true, false, true]);
    });

    it("is used as soon as nothing outside speaks against it any more", () => {
      write({ eu });
      let problems: readonly string[] = [];
      const names = follow(() => problems);
      problems = ["source us: webhook_secrets: secret 1 of 1 is also one of STRIPE_WEBHOOK_SECRETS"];
      write({ us: eu });
      expect(names()).to.equal("eu");
      problems = [];
      expect(names()).to.equal("us");
      expect(usable).to.deep.equal([true, false, true]);
    });
  });
});
