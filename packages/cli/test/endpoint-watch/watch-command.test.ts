import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FakeEndpointApi, fakeEndpointApi, fakeEndpointKey } from "@takings/simulator";
import { eventually, nodeCommand, testVariable } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { readWatchSettings } from "../../src/endpoint/watch/settings.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const url = "https://hooks.example/webhooks/stripe";

describe("takings endpoint watch", function () {
  this.timeout(60_000);
  let stripe: FakeEndpointApi;
  let watch: ChildProcess;
  let output = "";
  let file: string;
  beforeEach(async () => {
    stripe = await fakeEndpointApi();
    file = join(mkdtempSync(join(testVariable("TEST_DIR"), "watch-")), "secrets");
    const program = nodeCommand([main, "endpoint", "watch", "--url", url, "--secret-file", file], {
      STRIPE_API_URL: stripe.url,
      STRIPE_API_KEY: fakeEndpointKey,
      ENDPOINT_WATCH_INTERVAL: "1s",
      ADMIN_PORT: "0",
      HOST: "127.0.0.1",
    });
    output = "";
    watch = spawn(program.command, program.args, { ...program, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [watch.stdout, watch.stderr]) stream?.on("data", (text) => (output += text));
  });
  afterEach(async () => {
    watch.kill("SIGKILL");
    await stripe[Symbol.asyncDispose]();
  });

  it("creates the endpoint, mends it while it runs, shows no secret, and ends with 0", async () => {
    await eventually("the secret", () => existsSync(file) && stripe.book.endpoints.length === 1, 50_000);
    const secret = readFileSync(file, "utf8").trim();
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const [endpoint] = stripe.book.endpoints;
    expect(endpoint).to.include({ url, secret, status: "enabled" });
    stripe.book.update(false, endpoint?.id ?? "", "disabled=true&enabled_events[]=charge.failed");
    await eventually("the endpoint", () => endpoint?.status === "enabled" && endpoint.types.length > 10);
    expect(output).to.include('"condition":"Enabled","status":false').and.include('"change":"enable"');
    watch.kill("SIGTERM");
    expect(await once(watch, "exit")).to.deep.equal([0, null]);
    expect(output).to.not.include(secret).and.not.include(fakeEndpointKey);
    expect(output).to.match(/"reason":"stopped"/);
  });
});

describe("the settings of the watch", () => {
  const environment = { STRIPE_API_KEY: "rk_test_1", STRIPE_ENDPOINT_URL: url };
  const refusal = (options: object, more: object = {}): string => {
    try {
      readWatchSettings({ ...environment, ...more }, options);
    } catch (error) {
      return String(error);
    }
    return "none";
  };

  it("need a place for the secret: a file, or a Secret of the cluster", () => {
    expect(refusal({})).to.include("STRIPE_ENDPOINT_SECRET_FILE: is required");
    expect(refusal({ secretFile: "/tmp/a" })).to.equal("none");
    expect(refusal({ secretFile: "/tmp/a", kubernetesSecret: "b" })).to.include("cannot be used together");
    expect(refusal({ kubernetesSecret: "b" })).to.include("this is not a pod");
    const inPod = { STRIPE_ENDPOINT_KUBERNETES_SECRET: "b" };
    expect(refusal({}, inPod)).to.include("this is not a pod");
    expect(refusal({ secretFile: "/tmp/a" }, inPod)).to.equal("none");
  });

  it("write into a file of sources only for a source in it", () => {
    expect(refusal({ secretFile: "/tmp/a", sourcesKey: "sources.json" })).to.include(
      "needs --kubernetes-secret",
    );
    expect(refusal({ kubernetesSecret: "b", sourcesKey: "sources.json" })).to.include("needs --source");
  });

  it("name the source and its key in variables too, which commands in the same pod share", () => {
    const inPod = { STRIPE_ENDPOINT_KUBERNETES_SECRET: "b", STRIPE_ENDPOINT_SOURCES_KEY: "sources.json" };
    expect(refusal({}, inPod)).to.include("needs --source");
    const ofEu = { STRIPE_ENDPOINT_SOURCE: "shop-eu", STRIPE_ENDPOINT_URL: `${url}/shop-eu` };
    expect(refusal({}, { ...inPod, ...ofEu })).to.include("this is not a pod");
    expect(refusal({ secretFile: "/tmp/a" }, inPod)).to.equal("none");
  });

  it("take the key from the file of the sources, where there is one", () => {
    const at = (name: string): string => join(dir, name);
    const dir = mkdtempSync(join(testVariable("TEST_DIR"), "sources-"));
    writeFileSync(at("key"), "rk_test_eu\n");
    const source = { webhook_secrets: ["whsec_eu1"], api_key_file: at("key") };
    writeFileSync(at("sources.json"), JSON.stringify({ "shop-eu": source }));
    const ofEu = { ...environment, STRIPE_ENDPOINT_URL: `${url}/shop-eu` };
    const keyIn = (more: object): string =>
      readWatchSettings({ ...ofEu, ...more }, { secretFile: at("secrets"), source: "shop-eu" }).readTarget()
        .apiKey;
    expect(keyIn({ STRIPE_SOURCES_FILE: at("sources.json") })).to.equal("rk_test_eu");
    expect(keyIn({})).to.equal("rk_test_1");
  });

  it("have an interval from a second to an hour", () => {
    const options = { secretFile: "/tmp/a" };
    expect(readWatchSettings(environment, options).intervalMs).to.equal(60_000);
    for (const wrong of ["0s", "2h", "60"])
      expect(refusal(options, { ENDPOINT_WATCH_INTERVAL: wrong })).to.include(
        "ENDPOINT_WATCH_INTERVAL: must be",
      );
  });
});
