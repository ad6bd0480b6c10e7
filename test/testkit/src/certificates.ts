import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testVariable } from "./test-variable.ts";

/** Whether a test can make certificates, which needs the program `openssl`. If not, prints what is not tested. */
export function canMakeCertificates(what: string): boolean {
  if (spawnSync("openssl", ["version"]).status === 0) return true;
  process.stdout.write(`NOT TESTED: ${what}. This needs the program openssl.\n`);
  return false;
}

/** A certificate authority, and a certificate that it issued for this machine; the paths of PEM files. */
export type TestAuthority = {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
};

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/**
 * Makes a new authority, and its certificate for this machine. The client of NATS verifies that of an IP address as that of
 * `localhost`.
 */
export function testAuthority(): TestAuthority {
  const dir = mkdtempSync(join(testVariable("TEST_DIR"), "authority-"));
  const at = (name: string): string => join(dir, name);
  const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
  const authority = ["-x509", "-days", "2", "-subj", "/CN=test authority"];
  openssl("req", ...authority, ...newKey, "-keyout", at("ca.key"), "-out", at("ca.crt"));
  openssl(
    "req",
    "-subj",
    "/CN=test server",
    ...newKey,
    "-keyout",
    at("server.key"),
    "-out",
    at("server.csr"),
  );
  writeFileSync(at("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const issuer = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "2"];
  const certificate = ["-in", at("server.csr"), "-extfile", at("names"), "-out", at("server.crt")];
  openssl("x509", "-req", ...issuer, ...certificate);
  return { caFile: at("ca.crt"), certFile: at("server.crt"), keyFile: at("server.key") };
}
