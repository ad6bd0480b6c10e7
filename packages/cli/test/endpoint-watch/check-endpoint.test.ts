import { TakingsError } from "@takings/domain";
import { wantedEndpoint, type SecretStore } from "@takings/endpoint";
import { createMetrics, type Logger, type Metrics } from "@takings/runtime";
import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import type { ClusterEvent } from "../../src/endpoint/kubernetes/event-recorder.ts";
import { changeNames, createEndpointCheck } from "../../src/endpoint/watch/check-endpoint.ts";
import { createWatchMetrics } from "../../src/endpoint/watch/metrics.ts";
import { createConditionReport } from "../../src/endpoint/watch/report-conditions.ts";
import { memorySecrets, memoryStripe, type MemoryStripe } from "./memory-stripe.ts";

const wanted = wantedEndpoint({
  url: "https://hooks.example/webhooks/stripe",
  source: "default",
  connect: false,
});

describe("a check of the endpoint", () => {
  let stripe: MemoryStripe;
  let secrets: SecretStore;
  let registry: Metrics;
  let events: ClusterEvent[];
  let lines: string[];
  let check: () => Promise<void>;
  let nowMs: number;
  let record: (event: ClusterEvent) => Promise<void>;
  beforeEach(() => {
    [stripe, secrets, registry] = [memoryStripe(), memorySecrets(), createMetrics()];
    [events, lines, nowMs] = [[], [], 0];
    record = async (event) => void events.push(event);
    check = newCheck();
  });

  /** The check of a process that was started now. */
  function newCheck(): () => Promise<void> {
    registry = createMetrics();
    const metrics = createWatchMetrics(registry, wanted.source, changeNames);
    const write = (fields: object, message: string): void =>
      void lines.push(`${message} ${JSON.stringify(fields)}`);
    const log = { info: write, warn: write, error: write } as unknown as Logger;
    const report = createConditionReport({
      source: wanted.source,
      metrics,
      record: (event) => record(event),
      log,
    });
    const stopping = new AbortController().signal;
    return createEndpointCheck({
      wanted,
      adopt: false,
      openStripe: () => stripe,
      secrets,
      stopping,
      now: () => nowMs,
      report,
      metrics,
      log,
    });
  }
  async function shown(name: string): Promise<Record<string, number>> {
    const { body } = await registry.render("prometheus");
    const found = body.matchAll(
      new RegExp(`^${name}\\{source="default"(?:,\\w+="(\\w+)")?\\} (\\S+)$`, "gm"),
    );
    return Object.fromEntries([...found].map(([, label = "", value]) => [label, Number(value)]));
  }
  const all = (value: number): object =>
    Object.fromEntries(
      ["Ready", "TypesComplete", "VersionPinned", "Enabled", "SecretLive"].map((name) => [name, value]),
    );

  it("creates a missing endpoint, after which all conditions hold, and no secret is shown", async () => {
    await check();
    expect(await secrets.read()).to.deep.equal(["whsec_of_we_1_0123456789"]);
    expect(await shown("takings_endpoint_condition")).to.deep.equal(all(1));
    expect((await shown("takings_endpoint_changes_total"))["create"]).to.equal(1);
    expect((await shown("takings_endpoint_checked_timestamp_seconds"))[""]).to.be.above(
      Date.now() / 1_000 - 60,
    );
    expect(events.map(({ type }) => type)).to.deep.equal([
      ...Array.from({ length: 5 }, () => "Warning"),
      ...Array.from({ length: 5 }, () => "Normal"),
    ]);
    expect(JSON.stringify([events, lines])).to.not.include("whsec_of");
  });

  it("of an endpoint as it should be says so once in the log, and makes no event", async () => {
    await check();
    events = [];
    lines = [];
    check = newCheck();
    await check();
    await check();
    expect(events).to.deep.equal([]);
    expect(lines.filter((line) => line.startsWith("endpoint_condition"))).to.have.length(5);
    expect(await shown("takings_endpoint_condition")).to.deep.equal(all(1));
  });

  it("reports a disabled endpoint before it enables it again", async () => {
    await check();
    events = [];
    await stripe.update("we_1", { enabled: false });
    await check();
    const ofEnabled = events.filter(({ message }) => message.startsWith("Enabled: "));
    expect(ofEnabled.map(({ type, reason }) => [type, reason])).to.deep.equal([
      ["Warning", "Disabled"],
      ["Normal", "Enabled"],
    ]);
    expect(stripe.endpoints[0]?.enabled).to.equal(true);
    expect(await shown("takings_endpoint_changes_total")).to.include({ enable: 1, update: 0 });
  });

  it("that cannot mend what it found leaves the conditions as it found them", async () => {
    await check();
    await stripe.update("we_1", { enabled: false });
    stripe.update = async () => {
      throw new Error("lacks the permission rak_webhook_write");
    };
    expect(await check().catch(String)).to.include("rak_webhook_write");
    expect(await shown("takings_endpoint_condition")).to.deep.equal({ ...all(1), Ready: 0, Enabled: 0 });
  });

  it("names an endpoint of somebody else with our URL once, and leaves it", async () => {
    const theirs = {
      id: "we_theirs",
      url: wanted.url,
      types: ["*"],
      apiVersion: null,
      enabled: true,
      metadata: {},
      created: 1,
    };
    stripe.endpoints = [theirs];
    await check();
    await check();
    expect(lines.filter((line) => line.startsWith("endpoint_foreign"))).to.have.length(1);
    expect(stripe.endpoints).to.deep.include(theirs);
  });

  it("leaves an endpoint that a rotation may be creating, for two minutes", async () => {
    await check();
    const { url, types, apiVersion } = wanted;
    const metadata = { managed_by: "takings", takings_source: "default", takings_connect: "false" };
    await stripe.create({ url, types, apiVersion, connect: false, description: "", metadata });
    await check();
    nowMs = 119_000;
    await check();
    expect(stripe.endpoints.map(({ id }) => id)).to.deep.equal(["we_1", "we_2"]);
    nowMs = 121_000;
    await check();
    expect(stripe.endpoints.map(({ id }) => id)).to.deep.equal(["we_1"]);
  });

  it("disables an endpoint of another version once an hour where Stripe refuses its successor", async () => {
    await check();
    stripe.endpoints = stripe.endpoints.map((one) => ({ ...one, apiVersion: "2024-06-20" }));
    stripe.create = async () => {
      throw new TakingsError("invalid", "Stripe refuses POST /v1/webhook_endpoints");
    };
    const disabled = async (): Promise<number | undefined> =>
      (await shown("takings_endpoint_changes_total"))["disable"];
    for (nowMs = 0; nowMs < 3_600_000; nowMs += 600_000) {
      expect(await check().catch(String)).to.include("Stripe refuses POST /v1/webhook_endpoints");
      expect(await disabled()).to.equal(1);
      expect(stripe.endpoints.map(({ enabled }) => enabled)).to.deep.equal([true]);
    }
    await check().catch(String);
    expect(await disabled()).to.equal(2);
  });

  it("goes on where an event cannot be created", async () => {
    record = async () => {
      throw new Error("needs a Role");
    };
    await check();
    expect(await shown("takings_endpoint_condition")).to.deep.equal(all(1));
    expect(lines.join("\n")).to.include('endpoint_event_not_recorded {"reason":"needs a Role"}');
  });
});
