import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, type Logger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { loadSigningSecrets, type SecretSettings, type SigningSecrets } from "../src/signing-secrets.ts";
import { event, hmac, now } from "./posting.ts";
import { fixedSecrets, serveReady, silent } from "./serving.ts";
import { setStage, type Stage } from "./stage.ts";

describe("the rotation of the signing secret", () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.close());

  const table = [
    { held: ["old"], signedBy: ["old"], status: 200 },
    { held: ["old"], signedBy: ["new"], status: 400 },
    { held: ["old"], signedBy: ["old", "new"], status: 200 },
    { held: ["new"], signedBy: ["old"], status: 400 },
    { held: ["new"], signedBy: ["new"], status: 200 },
    { held: ["new"], signedBy: ["old", "new"], status: 200 },
    { held: ["old", "new"], signedBy: ["old"], status: 200 },
    { held: ["old", "new"], signedBy: ["new"], status: 200 },
    { held: ["old", "new"], signedBy: ["old", "new"], status: 200 },
  ];
  for (const { held, signedBy, status } of table) {
    it(`answers ${status} while we hold ${held.join(" and ")} and Stripe signs with ${signedBy.join(" and ")}`, async () => {
      await using ingress = await serveReady(stage.nats, { secrets: fixedSecrets(...held) });
      const body = event();
      const at = now();
      const signature = [`t=${at}`, ...signedBy.map((secret) => `v1=${hmac(body, { secret, at })}`)].join();
      expect((await ingress.post(body, { signature })).status).to.equal(status);
    });
  }

  it("shows by a metric which of the secrets verified", async () => {
    const secrets = fixedSecrets("old", "new");
    await using ingress = await serveReady(stage.nats, { secrets });
    const body = event();
    const at = now();
    await ingress.post(body, { signature: `t=${at},v1=${hmac(body, { secret: "new", at })}` });
    const [old, fresh] = await Promise.all(
      secrets().map(({ fingerprint }) =>
        ingress.metric(`takings_signature_secret_last_used_timestamp_seconds{secret="${fingerprint}"}`),
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
    env: SecretSettings = {},
    onLive: (name: string) => void = () => {},
  ): SigningSecrets {
    const source = { ...env, STRIPE_WEBHOOK_SECRETS_FILE: file };
    return loadSigningSecrets(source, { log: silent(), onLive });
  }
  const held = (loaded: SigningSecrets): string =>
    loaded()
      .map(({ secret }) => secret)
      .join();

  it("may end in a newline and hold a secret on each line", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_a\r\n whsec_b ,whsec_c\n\n");
    expect(held(load(file))).to.equal("whsec_a,whsec_b,whsec_c");
  });

  it("is read again when another file takes its place", async () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "before");
    const loaded = load(file);
    writeFileSync(`${file}.new`, "after\n");
    renameSync(`${file}.new`, file);
    await eventually("the new secret", () => held(loaded) === "after");
  });

  it("is read again when Kubernetes swaps the link that it lies behind", async () => {
    for (const version of ["before", "after"]) {
      mkdirSync(join(dir, version));
      writeFileSync(join(dir, version, "secrets"), version);
    }
    symlinkSync("before", join(dir, "..data"));
    symlinkSync("..data/secrets", join(dir, "secrets"));
    const loaded = load(join(dir, "secrets"));
    symlinkSync("after", join(dir, "..data_tmp"));
    renameSync(join(dir, "..data_tmp"), join(dir, "..data"));
    await eventually("the new secret", () => held(loaded) === "after");
  });

  for (const [trouble, happen] of [
    ["becomes empty", (file: string) => writeFileSync(file, "\n")],
    ["disappears", (file: string) => rmSync(file)],
  ] as const) {
    it(`keeps its secrets when it ${trouble}, and gives new ones after that`, async () => {
      const file = join(dir, "secrets");
      writeFileSync(file, "before");
      const complaints: unknown[] = [];
      const log = { error: (said: unknown) => complaints.push(said), info: () => {} };
      const loaded = loadSigningSecrets(
        { STRIPE_WEBHOOK_SECRETS: "fixed", STRIPE_WEBHOOK_SECRETS_FILE: file },
        { log: log as unknown as Logger, onLive: () => {} },
      );
      happen(file);
      await eventually("a complaint", () => held(loaded) !== "" && complaints.length > 0);
      expect(held(loaded)).to.equal("fixed,before");
      writeFileSync(file, "after");
      await eventually("the new secret", () => held(loaded) === "fixed,after");
      expect(complaints).to.have.length(1);
    });
  }

  it("names each of its secrets as live, also one that came later", async () => {
    const file = join(dir, "secrets");
    const live = new Set<string>();
    writeFileSync(file, "before");
    const loaded = load(file, {}, (fingerprint) => live.add(fingerprint));
    expect(live.size).to.equal(1);
    writeFileSync(file, "before,after");
    await eventually("the second", () => loaded().length === 2);
    expect(live.size).to.equal(2);
  });

  it("keeps those of the environment beside its own", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, "from_file");
    expect(held(load(file, { STRIPE_WEBHOOK_SECRETS: "from_env" }))).to.equal("from_env,from_file");
  });

  it("must hold a secret to begin with", () => {
    const file = join(dir, "secrets");
    writeFileSync(file, " ,\n");
    expect(() => load(file)).to.throw(ConfigError, /has no secret in it/);
  });

  it("must exist to begin with", () => {
    expect(() => load(join(dir, "none"))).to.throw(
      ConfigError,
      /STRIPE_WEBHOOK_SECRETS_FILE: cannot be read/,
    );
  });
});
