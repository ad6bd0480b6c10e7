import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeCertificates, testAuthority } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { z } from "zod";
import { parseEnv } from "../src/config.ts";
import { databaseSettings, databaseUrl, natsServer, natsSettings } from "../src/server-settings.ts";

const schema = z.object({ ...databaseSettings, ...natsSettings });
const urls = { DATABASE_URL: "postgres://me:secret@db:5432/takings", NATS_URL: "nats://nats:4222" };

describe("the authority of a server's certificate", () => {
  let dir = "";
  const file = (content: string): string => {
    const path = join(dir, "ca.crt");
    writeFileSync(path, content);
    return path;
  };
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-ca-"));
  });
  after(() => rmSync(dir, { recursive: true }));

  it("changes nothing where it is not set", () => {
    const env = parseEnv(schema, { ...urls, DATABASE_CA_FILE: "", NATS_CA_FILE: " " });
    expect(databaseUrl(env)).to.equal(urls.DATABASE_URL);
    expect(natsServer(env)).to.deep.equal({ url: urls.NATS_URL, credsFile: undefined, caFile: undefined });
  });

  it("may be that of several NATS servers, each with a URL", () => {
    const several = "nats://me:secret@nats-0:4222, nats://me:secret@nats-1:4222";
    expect(natsServer(parseEnv(schema, { ...urls, NATS_URL: several })).url).to.equal(several);
    expect(() => parseEnv(schema, { ...urls, NATS_URL: "nats://nats-0:4222,nats-1:4222" })).to.throw(
      "NATS_URL: must be a URL starting with nats:// or tls://, or several separated by commas",
    );
  });

  for (const variable of ["DATABASE_CA_FILE", "NATS_CA_FILE"]) {
    const parse = (path: string): unknown => parseEnv(schema, { ...urls, [variable]: path });

    it(`must be readable: ${variable}`, () => {
      const missing = join(dir, "missing.crt");
      expect(() => parse(missing)).to.throw(
        `${variable}: cannot be read: ENOENT: no such file or directory, open '${missing}'`,
      );
    });

    it(`must be a PEM certificate: ${variable}`, () => {
      const noCertificate = /_CA_FILE: \S+ca\.crt contains no PEM certificate/;
      expect(() => parse(file(""))).to.throw(noCertificate);
      expect(() => parse(file("-----BEGIN PRIVATE KEY-----\n"))).to.throw(noCertificate);
      expect(() =>
        parse(file("-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n")),
      ).to.throw(/_CA_FILE: \S+ca\.crt contains no valid certificate: /);
    });
  }

  if (!canMakeCertificates("settings with a certificate of a server's authority")) return;

  it("requires a verified connection to PostgreSQL, whatever the URL says", () => {
    const { caFile } = testAuthority();
    for (const parameters of [
      "",
      "?sslmode=disable",
      "?sslmode=require&uselibpqcompat=true",
      "?sslrootcert=/other",
    ]) {
      const env = { ...urls, DATABASE_URL: `${urls.DATABASE_URL}${parameters}`, DATABASE_CA_FILE: caFile };
      const { searchParams } = new URL(databaseUrl(parseEnv(schema, env)));
      expect(searchParams.get("sslmode")).to.equal("verify-full");
      expect(searchParams.getAll("sslrootcert")).to.deep.equal([caFile]);
    }
  });

  for (const [written, password] of [
    ["100%sure", "100%sure"],
    ["100%", "100%"],
    ["100%25sure%2f", "100%sure/"],
  ] as const)
    it(`keeps a password with percent signs: ${written}`, () => {
      const { caFile } = testAuthority();
      const env = { ...urls, DATABASE_URL: `postgres://me:${written}@db/takings`, DATABASE_CA_FILE: caFile };
      const secured = databaseUrl(parseEnv(schema, env));
      expect(decodeURIComponent(new URL(secured).password)).to.equal(password);
      // Otherwise the driver escapes all percent signs once more, also those in the path of the file:
      // https://github.com/brianc/node-postgres/blob/master/packages/pg-connection-string/index.js
      expect(secured).to.not.match(/%(?![0-9a-f]{2})/i);
    });

  it("goes with the URL and the credentials of NATS", () => {
    const { caFile } = testAuthority();
    const env = parseEnv(schema, { ...urls, NATS_CA_FILE: caFile, NATS_CREDS_FILE: "/creds" });
    expect(natsServer(env)).to.deep.equal({ url: urls.NATS_URL, credsFile: "/creds", caFile });
  });
});
