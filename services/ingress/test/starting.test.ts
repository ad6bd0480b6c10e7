import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSecret } from "@takings/simulator";
import { eventually, runService } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { event, post, signed } from "./post-webhook.ts";
import { ingressEnv, isReady, readiness, startIngress } from "./ingress-process.ts";
import { createTestContext } from "./test-context.ts";

describe("the ingress process at startup", () => {
  it("refuses to start without a secret and names every bad key at once", async () => {
    const { code, output } = await runService("ingress", {
      NATS_URL: "http://wrong",
      NATS_MONITOR_URL: "http://right:8222,wrong",
      MAX_BODY_BYTES: "12 kB",
      LOG_LEVEL: "loud",
      PORT: "-1",
      STRIPE_WEBHOOK_SECRETS: "",
      DURABILITY_CHECK: "maybe",
      TRUST_PROXY: "everyone",
    });
    expect(code).to.equal(1);
    for (const key of [
      "NATS_URL",
      "NATS_MONITOR_URL",
      "MAX_BODY_BYTES",
      "LOG_LEVEL",
      "PORT",
      "STRIPE_WEBHOOK_SECRETS",
      "DURABILITY_CHECK",
      "TRUST_PROXY",
    ]) {
      expect(output).to.match(new RegExp(`^ {2}${key}: `, "m"));
    }
    expect(output).not.to.match(/^\s+at /m);
  });

  for (const [what, secrets] of [
    ["blank", " \n"],
    ["only commas", ",,\n"],
  ] as const) {
    it(`refuses to start with a secret that is ${what}`, async () => {
      await using context = await createTestContext({ bare: true });
      const env = ingressEnv(context.nats, { STRIPE_WEBHOOK_SECRETS: secrets });
      const { code, output } = await runService("ingress", env);
      expect(code).to.equal(1);
      expect(output).to.contain("STRIPE_WEBHOOK_SECRETS");
    });
  }

  it("refuses to start with an API key instead of a signing secret, with an explanation", async () => {
    await using context = await createTestContext({ bare: true });
    const env = ingressEnv(context.nats, { STRIPE_WEBHOOK_SECRETS: "sk_test_4eC39HqLyjWDarjtT1zdp7dc" });
    const { code, output } = await runService("ingress", env);
    expect(code).to.equal(1);
    expect(output).to.match(
      /STRIPE_WEBHOOK_SECRETS: secret 1 of 1 is an API key; the signing secret begins with/,
    );
    expect(output).not.to.contain("4eC39HqLyjWDarjtT1zdp7dc");
  });

  it("reports a broken file of sources and of secrets while there are no requests", async () => {
    await using context = await createTestContext({ bare: true });
    const dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
    const [sources, secrets] = [join(dir, "sources.json"), join(dir, "secrets")];
    writeFileSync(sources, '{"shop-eu": {"webhook_secrets": ["whsec_eu1"]}}');
    writeFileSync(secrets, "whsec_default");
    const env = { STRIPE_SOURCES_FILE: sources, STRIPE_WEBHOOK_SECRETS_FILE: secrets };
    await using ingress = await startIngress(context.nats, env);
    writeFileSync(sources, "{");
    writeFileSync(secrets, "");
    await eventually("both to be reported", async () => {
      const metrics = await (await fetch(`${ingress.adminUrl}/metrics`)).text();
      return metrics.match(/takings_secrets_file_refused\{setting="STRIPE_\w+_FILE"\} 1/g)?.length === 2;
    });
    rmSync(dir, { recursive: true });
  });

  it("refuses to start with a file of sources that it cannot understand, naming source and key", async () => {
    await using context = await createTestContext({ bare: true });
    const dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
    const file = join(dir, "sources.json");
    writeFileSync(file, '{"shop-eu": {"webhook_secret": ["whsec_eu1"]}}');
    const env = ingressEnv(context.nats, { STRIPE_SOURCES_FILE: file });
    const { code, output } = await runService("ingress", env);
    expect(code).to.equal(1);
    expect(output).to.contain("STRIPE_SOURCES_FILE: source shop-eu: webhook_secrets: must be a list");
    expect(output).to.contain("STRIPE_SOURCES_FILE: source shop-eu: unknown key webhook_secret\n");
    expect(output).not.to.contain("whsec_eu1");
    rmSync(dir, { recursive: true });
  });

  it("refuses to start with a list of addresses and no word about proxies, whose header could be forged", async () => {
    await using context = await createTestContext({ bare: true });
    const env = ingressEnv(context.nats, { ALLOWED_ADDRESSES_FILE: "/dev/null" });
    const { code, output } = await runService("ingress", env);
    expect(code).to.equal(1);
    expect(output).to.contain("TRUST_PROXY: is required with ALLOWED_ADDRESSES_FILE");
  });

  it("serves only the addresses of the list", async () => {
    await using context = await createTestContext();
    const dir = mkdtempSync(join(tmpdir(), "takings-addresses-"));
    const file = join(dir, "addresses");
    writeFileSync(file, "127.0.0.1\n");
    const env = { ALLOWED_ADDRESSES_FILE: file, TRUST_PROXY: "none" };
    await using ingress = await startIngress(context.nats, env);
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
    writeFileSync(file, "192.0.2.1\n");
    await eventually("403", async () => (await post(ingress.url, event())).status === 403);
    rmSync(dir, { recursive: true });
  });

  it("accepts a secret with a trailing newline, as files have", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats, { STRIPE_WEBHOOK_SECRETS: `${testSecret}\n` });
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });

  it("reads a secret from a file, and a new one without a restart", async () => {
    await using context = await createTestContext();
    const dir = mkdtempSync(join(tmpdir(), "takings-secrets-"));
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_old\n");
    const env = { STRIPE_WEBHOOK_SECRETS: undefined, STRIPE_WEBHOOK_SECRETS_FILE: file };
    await using ingress = await startIngress(context.nats, env);
    await eventually("readiness", () => isReady(ingress));
    const withSecret = async (secret: string): Promise<number> => {
      const body = event();
      return (await post(ingress.url, body, { signature: signed(body, { secret }) })).status;
    };
    expect(await withSecret("whsec_old")).to.equal(200);
    expect(await withSecret("whsec_new")).to.equal(400);
    writeFileSync(file, "whsec_old\nwhsec_new\n");
    await eventually("the new secret to count", async () => (await withSecret("whsec_new")) === 200);
    expect(await withSecret("whsec_old")).to.equal(200);
    rmSync(dir, { recursive: true });
  });

  it("is alive but not ready, with the reason, until NATS and the stream are available and durable", async () => {
    await using context = await createTestContext({ bare: true });
    await context.nats.stop();
    await using ingress = await startIngress(context.nats);
    const refused = async (): Promise<void> => {
      const answer = await post(ingress.url, event());
      expect(answer.status).to.equal(503);
      expect(answer.headers.get("retry-after")).to.match(/^\d+$/);
      expect((await fetch(`${ingress.adminUrl}/livez`)).status).to.equal(200);
      expect((await fetch(`${ingress.url}/`)).status).to.equal(503);
    };
    expect(await readiness(ingress)).to.equal("503 no connection to NATS");
    await refused();
    await context.nats.start();
    await eventually("NATS to be detected", () => ingress.output().includes("nats_connected"));
    await refused();
    await context.createStream();
    await context.recreateStreamWith({ discard: "old" });
    await eventually("the fault", async () => (await readiness(ingress)).includes("discards old"));
    await refused();
    await context.deleteStream();
    await context.createStream();
    await eventually("readiness", () => isReady(ingress));
    expect((await fetch(`${ingress.url}/`)).status).to.equal(200);
    expect((await post(ingress.url, event())).status).to.equal(200);
  });

  it("is not ready as soon as NATS is away, and is ready again once the stream was checked", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    await context.nats.kill();
    const unready = async (): Promise<boolean> => (await readiness(ingress)) === "503 no connection to NATS";
    await eventually("it not to be ready", unready, 1_000);
    await context.nats.start();
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });

  it("is ready without a check of the stream when the check is off", async () => {
    await using context = await createTestContext();
    const env = { DURABILITY_CHECK: "off", NATS_MONITOR_URL: undefined };
    await using ingress = await startIngress(context.nats, env);
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });
});
