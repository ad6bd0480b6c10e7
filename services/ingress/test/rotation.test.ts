import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, type Logger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { loadSigningSecrets, type SigningSecrets } from "../src/signing-secrets.ts";
import { event, hmac, now } from "./post-webhook.ts";
import { fixedSecrets, startReadyServer, silent } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

describe("the rotation of the signing secret", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context.close());

  const table = [
    { held: ["whsec_old"], signedBy: ["whsec_old"], status: 200 },
    { held: ["whsec_old"], signedBy: ["whsec_new"], status: 400 },
    { held: ["whsec_old"], signedBy: ["whsec_old", "whsec_new"], status: 200 },
    { held: ["whsec_new"], signedBy: ["whsec_old"], status: 400 },
    { held: ["whsec_new"], signedBy: ["whsec_new"], status: 200 },
    { held: ["whsec_new"], signedBy: ["whsec_old", "whsec_new"], status: 200 },
    { held: ["whsec_old", "whsec_new"], signedBy: ["whsec_old"], status: 200 },
    { held: ["whsec_old", "whsec_new"], signedBy: ["whsec_new"], status: 200 },
    { held: ["whsec_old", "whsec_new"], signedBy: ["whsec_old", "whsec_new"], status: 200 },
  ];
  for (const { held, signedBy, status } of table) {
    it(`responds ${status} while we have ${held.join(" and ")} and Stripe signs with ${signedBy.join(" and ")}`, async () => {
      await using ingress = await startReadyServer(context.nats, { secrets: fixedSecrets(...held) });
      const body = event();
      const at = now();
      const signature = [`t=${at}`, ...signedBy.map((secret) => `v1=${hmac(body, { secret, at })}`)].join();
      expect((await ingress.post(body, { signature })).status).to.equal(status);
    });
  }

  it("shows by a metric which of the secrets verified", async () => {
    const secrets = fixedSecrets("whsec_old", "whsec_new");
    await using ingress = await startReadyServer(context.nats, { secrets });
    const body = event();
    const at = now();
    await ingress.post(body, { signature: `t=${at},v1=${hmac(body, { secret: "whsec_new", at })}` });
    const [old, fresh] = await Promise.all(
      secrets().map(({ fingerprint }) =>
        ingress.metric(
          `takings_signature_secret_last_used_timestamp_seconds{source="default",secret="${fingerprint}"}`,
        ),
      ),
    );
    expect(fresh).to.be.within(at - 1, at + 5);
    expect(old ?? 0).to.equal(0);
  });
});

describe("a file of signing secrets", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-secrets-"));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  function load(
    file: string,
    text?: string,
    onLive: (source: string, name: string) => void = () => {},
  ): SigningSecrets {
    return loadSigningSecrets({ text, file }, { log: silent(), onLive });
  }
  const held = (loaded: SigningSecrets): string =>
    loaded()
      .map(({ secret }) => secret)
      .join();

  it("may end in a newline and contain a secret on each line", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_one\r\n whsec_two ,whsec_three\n\n");
    expect(held(load(file))).to.equal("whsec_one,whsec_two,whsec_three");
  });

  it("is read again when another file replaces it", async () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_before");
    const loaded = load(file);
    writeFileSync(`${file}.new`, "whsec_after\n");
    renameSync(`${file}.new`, file);
    await eventually("the new secret", () => held(loaded) === "whsec_after");
  });

  it("is read again when Kubernetes swaps the symlink to it", async () => {
    for (const version of ["whsec_before", "whsec_after"]) {
      mkdirSync(join(dir, version));
      writeFileSync(join(dir, version, "secrets"), version);
    }
    symlinkSync("whsec_before", join(dir, "..data"));
    symlinkSync("..data/secrets", join(dir, "secrets"));
    const loaded = load(join(dir, "secrets"));
    symlinkSync("whsec_after", join(dir, "..data_tmp"));
    renameSync(join(dir, "..data_tmp"), join(dir, "..data"));
    await eventually("the new secret", () => held(loaded) === "whsec_after");
  });

  const real = `whsec_${"aB3".repeat(12)}`;
  for (const [problem, happen] of [
    ["becomes empty", (file: string) => writeFileSync(file, "\n")],
    ["disappears", (file: string) => rmSync(file)],
    ["is an error page", (file: string) => writeFileSync(file, "503 Service Unavailable")],
    ["is a refusal in JSON", (file: string) => writeFileSync(file, '{"errors":["permission denied"]}')],
    ["has anything else beside a secret", (file: string) => writeFileSync(file, "whsec_good,Service")],
    ["is cut off in a prefix", (file: string) => writeFileSync(file, "w")],
    ["is cut off behind a prefix", (file: string) => writeFileSync(file, "whsec_")],
    ["is cut off within a secret", (file: string) => writeFileSync(file, real.slice(0, 12))],
    ["is cut off within a new secret", (file: string) => writeFileSync(file, `${real}\nwhsec_Zy9`)],
    ["holds an API key", (file: string) => writeFileSync(file, "sk_test_abcdefghijklmnop")],
  ] as const) {
    it(`keeps its secrets when it ${problem}, and takes new ones after that`, async () => {
      const file = join(dir, "secrets");
      writeFileSync(file, real);
      const complaints: unknown[] = [];
      const usable: boolean[] = [];
      const log = { error: (said: unknown) => complaints.push(said), info: () => {} };
      const loaded = loadSigningSecrets(
        { text: "whsec_fixed", file },
        { log: log as unknown as Logger, onLive: () => {}, onFile: (isUsable) => usable.push(isUsable) },
      );
      happen(file);
      await eventually("a complaint", () => held(loaded) !== "" && complaints.length > 0);
      expect(held(loaded)).to.equal(`whsec_fixed,${real}`);
      const next = `whsec_${"Zy9".repeat(12)}`;
      writeFileSync(file, next);
      await eventually("the new secret", () => held(loaded) === `whsec_fixed,${next}`);
      expect(complaints).to.have.length(1);
      expect(usable).to.deep.equal([true, false, true]);
    });
  }

  it("reports each of its secrets as live, also one that was added later", async () => {
    const file = join(dir, "secrets");
    const live = new Set<string>();
    writeFileSync(file, "whsec_before");
    const loaded = load(file, undefined, (_source, fingerprint) => live.add(fingerprint));
    expect(live.size).to.equal(1);
    writeFileSync(file, "whsec_before,whsec_after");
    await eventually("the second", () => loaded().length === 2);
    expect(live.size).to.equal(2);
  });

  it("is used in addition to the secrets of the environment", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_from_file");
    expect(held(load(file, "whsec_from_env"))).to.equal("whsec_from_env,whsec_from_file");
  });

  it("must contain a secret at the start", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, " ,\n");
    expect(() => load(file)).to.throw(ConfigError, /contains no secret/);
  });

  it("must contain nothing but secrets at the start, and its content is not repeated in the error", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_good,leaked_word");
    expect(() => load(file)).to.throw(ConfigError, /secret 2 of 2 is not a signing secret: whsec_/);
    expect(() => load(file)).not.to.throw(ConfigError, /leaked_word/);
  });

  it("may be missing at the start beside a secret of the environment, and is followed once it exists", async () => {
    const file = join(dir, "secrets");
    const said: unknown[] = [];
    const note = (_: unknown, message: string): number => said.push(message);
    const log = { error: note, warn: note, info: note } as unknown as Logger;
    const loaded = loadSigningSecrets({ text: "whsec_fixed", file }, { log, onLive: () => {} });
    expect(held(loaded)).to.equal("whsec_fixed");
    expect(said).to.deep.equal(["secrets_file_missing"]);
    writeFileSync(file, real);
    await eventually("the secret of the file", () => held(loaded) === `whsec_fixed,${real}`);
    rmSync(file);
    await eventually("a complaint", () => held(loaded) !== "" && said.includes("secrets_not_reloaded"));
    expect(held(loaded)).to.equal(`whsec_fixed,${real}`);
  });

  it("must be readable where it exists, whatever the environment has", () => {
    mkdirSync(join(dir, "secrets"));
    expect(() => load(join(dir, "secrets"), "whsec_fixed")).to.throw(ConfigError, /cannot be read: EISDIR/);
  });

  it("must exist at the start without another secret", () => {
    for (const text of [undefined, " ,"])
      expect(() => load(join(dir, "none"), text)).to.throw(
        ConfigError,
        /STRIPE_WEBHOOK_SECRETS_FILE: cannot be read/,
      );
  });
});
