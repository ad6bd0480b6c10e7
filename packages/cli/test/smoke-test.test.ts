import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testSecret } from "@takings/simulator";
import { startService, type TestService, testDatabase, testNats } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createCanaries } from "../src/smoke-test/canaries.ts";
import { createReport } from "../src/smoke-test/report.ts";
import { takings } from "./takings.ts";

function startQuery(databaseUrl: string): Promise<TestService> {
  return startService("revenue-query", { DATABASE_URL: databaseUrl, API_TOKENS: "token" });
}

/** Responds to every POST with 200 and stores nothing. */
async function startLossyServer(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("takings smoke-test", () => {
  it("passes on a working installation, for each of its sources", async () => {
    await using nats = await testNats();
    await using database = await testDatabase();
    const dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
    const sourcesFile = join(dir, "sources.json");
    writeFileSync(sourcesFile, '{"shop-eu": {"webhook_secrets": ["whsec_shop_eu"]}}');
    await takings(["stream"], { NATS_URL: nats.urls.admin });
    await using ingress = await startService("ingress", {
      NATS_URL: nats.urls.ingress,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS: testSecret,
      STRIPE_SOURCES_FILE: sourcesFile,
    });
    await using query = await startQuery(database.readerUrl);
    await using _ = await startService("consumer", {
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
    });
    const args = ["--ingress", `${ingress.url}/webhooks/stripe`, "--revenue", query.url, "--payments", "6"];
    const { code, output } = await takings(["smoke-test", ...args, "--json"], {
      STRIPE_WEBHOOK_SECRETS: testSecret,
      API_TOKENS: "token",
    });
    expect(code, output).to.equal(0);
    const { run, account, ...rest } = JSON.parse(output);
    expect(account).to.equal(`acct_smoke${run}`);
    expect(rest).to.deep.equal({
      source: "default",
      sent: 22,
      accepted: 22,
      stored: 22,
      counted: true,
      lost: 0,
      duplicated: 0,
      forgeryRefused: true,
      passed: true,
    });
    const ofSource = await takings(["smoke-test", ...args, "--source", "shop-eu"], {
      STRIPE_SOURCES_FILE: sourcesFile,
      API_TOKENS: "token",
    });
    rmSync(dir, { recursive: true });
    expect(ofSource.code, ofSource.output).to.equal(0);
    expect(ofSource.output).to.match(/^counted once +yes: \S+&source=shop-eu$/m);
  });

  it("detects events that got a 2xx but were lost", async () => {
    await using database = await testDatabase();
    await using query = await startQuery(database.readerUrl);
    const { server, url } = await startLossyServer();
    const args = ["--ingress", url, "--revenue", query.url, "--payments", "2", "--within", "2"];
    const { code, output } = await takings(["smoke-test", ...args], {
      STRIPE_WEBHOOK_SECRETS: testSecret,
      API_TOKENS: "token",
    });
    server.close();
    expect(code).to.equal(1);
    expect(output)
      .to.match(/^lost +8$/m)
      .and.match(/^forgery +NOT rejected/m)
      .and.match(/^FAILED$/m);
  });

  it("detects events that were counted twice", () => {
    const canaries = createCanaries("x", 2, 1_700_000_000);
    const ids = new Set(canaries.events.map(({ id }) => id));
    const entries = [
      "payment pi_smokexn0",
      "payment pi_smokexn1",
      "refund re_smokexn0",
      "payment pi_smokexn0",
    ];
    const found = { stored: ids, entries, counted: canaries.expected };
    const report = createReport({
      run: "x",
      source: "default",
      canaries,
      accepted: ids,
      forgedStatus: 400,
      found,
    });
    expect(report).to.include({ duplicated: 1, lost: 0, passed: false });
  });

  it("names a missing setting", async () => {
    const { code, output } = await takings(["smoke-test", "--ingress", "http://x", "--revenue", "http://y"]);
    expect([code, output]).to.deep.equal([
      1,
      "the environment is not usable:\n  STRIPE_WEBHOOK_SECRETS: is required, or STRIPE_WEBHOOK_SECRETS_FILE: ingress accepts only signed events\n",
    ]);
  });
});
