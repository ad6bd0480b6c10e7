import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type LoadedSources, loadSources } from "../src/served-sources.ts";
import { silent } from "./test-server.ts";

describe("a source whose secrets are in a file of their own", () => {
  let dir: string;
  let uses: boolean[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
    uses = [];
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(dir, { recursive: true });
  });
  const at = (name: string): string => join(dir, name);
  const write = (name: string, content: unknown): void =>
    writeFileSync(at(name), typeof content === "string" ? content : JSON.stringify(content));
  const withFile = (name: string): object => ({ webhook_secrets_file: at(name) });

  function load(text?: string): LoadedSources & { readonly later: () => void } {
    const sources = loadSources(
      { signingSecrets: { text }, sourcesFile: at("sources.json") },
      {
        log: silent(),
        onServed: () => {},
        onLive: () => {},
        onFile: (setting) => (used) => void (setting === "STRIPE_SOURCES_FILE" && uses.push(used)),
      },
    );
    const started = performance.now();
    let seconds = 0;
    // Files are read again when a second has passed.
    mock.method(performance, "now", () => started + seconds * 1_000);
    return { ...sources, later: () => void (seconds += 2) };
  }
  const secretsOf = ({ served }: LoadedSources, source: string): readonly string[] | undefined =>
    served(source)?.map(({ secret }) => secret);

  it("has these beside those in the file of sources, and follows both", () => {
    write("eu", "whsec_new,\nwhsec_old");
    write("sources.json", { eu: { webhook_secrets: ["whsec_own"], ...withFile("eu") } });
    const sources = load();
    expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_own", "whsec_new", "whsec_old"]);
    write("eu", "whsec_new");
    sources.later();
    expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_own", "whsec_new"]);
    write("sources.json", { eu: withFile("eu") });
    sources.later();
    expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_new"]);
  });

  it("keeps the last good ones while the file is broken, which is reported without a request", () => {
    write("eu", "whsec_eu1");
    write("sources.json", { eu: withFile("eu") });
    const sources = load();
    write("eu", "<html>");
    sources.later();
    sources.readFiles();
    expect(uses.at(-1)).to.equal(false);
    expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_eu1"]);
    write("eu", "whsec_eu2");
    sources.later();
    sources.readFiles();
    expect(uses.at(-1)).to.equal(true);
    expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_eu2"]);
  });

  it("is refused at the start where the file is missing, naming source and key", () => {
    write("sources.json", { eu: withFile("none") });
    expect(() => load()).to.throw(
      "STRIPE_SOURCES_FILE: source eu: webhook_secrets_file: cannot be read: ENOENT",
    );
  });

  it("is taken in later as soon as its file is there; until then the previous sources stay", () => {
    write("sources.json", { us: { webhook_secrets: ["whsec_us1"] } });
    const sources = load();
    write("sources.json", { eu: withFile("eu") });
    sources.later();
    expect([secretsOf(sources, "eu"), secretsOf(sources, "us")]).to.deep.equal([undefined, ["whsec_us1"]]);
    expect(uses.at(-1)).to.equal(false);
    write("eu", "whsec_eu1");
    sources.later();
    expect([secretsOf(sources, "eu"), secretsOf(sources, "us")]).to.deep.equal([["whsec_eu1"], undefined]);
    expect(uses.at(-1)).to.equal(true);
  });

  it("cannot have a secret of another source, at the start or later", () => {
    write("eu", "whsec_us1");
    write("sources.json", { us: { webhook_secrets: ["whsec_us1"] }, eu: withFile("eu") });
    expect(() => load()).to.throw("source eu: webhook_secrets_file: one of them is also in source us");
    write("eu", "whsec_eu1");
    const sources = load("whsec_default");
    for (const taken of ["whsec_us1", "whsec_default"]) {
      write("eu", taken);
      sources.later();
      expect(secretsOf(sources, "eu")).to.deep.equal(["whsec_eu1"]);
      expect(uses.at(-1)).to.equal(false);
    }
  });

  it("has no secret that the default source may have", () => {
    write("eu", "whsec_eu1");
    write("sources.json", { eu: withFile("eu") });
    expect(() => load("whsec_eu1")).to.throw(
      /STRIPE_WEBHOOK_SECRETS: secret 1 of 1 is also one of source eu/,
    );
  });
});
