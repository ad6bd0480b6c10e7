import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endpointTypes } from "@takings/wire";
import { type FakeEndpointApi, fakeEndpointApi, fakeEndpointKey } from "@takings/simulator";
import { nodeCommand } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { MakeCommand } from "../src/command.ts";
import { endpointCommand } from "../src/endpoint/endpoint-command.ts";
import { type Ended, run } from "./takings.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const url = "https://takings.example/webhooks/stripe";

const stopping = new AbortController().signal;
const command: MakeCommand = (environment, print) =>
  endpointCommand(environment, print, { settleMs: 0, stopping });

/** The fake of Stripe's API and a directory for the secret file. */
type Context = AsyncDisposable & {
  readonly fake: FakeEndpointApi;
  readonly directory: string;
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  endpoint(...args: readonly string[]): Promise<Ended>;
};

async function context(): Promise<Context> {
  const fake = await fakeEndpointApi();
  const directory = await mkdtemp(join(tmpdir(), "takings-endpoint-"));
  const file = join(directory, "secrets");
  const env = {
    STRIPE_API_URL: fake.url,
    STRIPE_API_KEY: fakeEndpointKey,
    STRIPE_ENDPOINT_URL: url,
    STRIPE_ENDPOINT_SECRET_FILE: file,
  };
  return {
    fake,
    directory,
    file,
    env,
    endpoint: (...args) => run(command, args, env),
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

describe("takings endpoint", () => {
  it("plans, applies, and then has nothing to do", async () => {
    await using setup = await context();
    const { fake, file, endpoint } = setup;
    const planned = await endpoint("plan");
    expect(planned).to.include({ code: 2 });
    expect(planned.output).to.contain("+ create an endpoint").and.to.contain("test mode");
    expect(fake.book.endpoints).to.be.empty;
    expect(await endpoint("apply")).to.include({ code: 0 });
    const [created] = fake.book.endpoints;
    expect(await readFile(file, "utf8")).to.equal(`${created?.secret}\n`);
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    for (const action of ["apply", "plan"]) {
      const { code, output } = await endpoint(action);
      expect(code).to.equal(0);
      expect(output).to.contain(`nothing to do: ${created?.id} is as wanted`);
    }
  });

  it("shows each difference, and says that it enables", async () => {
    await using setup = await context();
    const { fake, endpoint } = setup;
    await endpoint("apply");
    const types = [...endpointTypes.filter((type) => type !== "payout.paid"), "customer.created"];
    Object.assign(fake.book.endpoints[0] ?? {}, { url: "https://old.example/", types, status: "disabled" });
    const { code, output } = await endpoint("plan");
    expect(code).to.equal(2);
    for (const line of [
      `~ url: https://old.example/ -> ${url}`,
      "+ type: payout.paid",
      "- type: customer.created",
      "~ status: disabled -> enabled",
    ])
      expect(output).to.contain(line);
  });

  it("prints one line of JSON", async () => {
    await using setup = await context();
    const { fake, endpoint } = setup;
    const planned = JSON.parse((await endpoint("plan", "--json")).output) as object;
    expect(planned).to.deep.include({
      source: "default",
      connect: false,
      livemode: false,
      url,
      endpoints: [],
    });
    expect(planned).to.have.property("changes").with.lengthOf(1);
    const applied = JSON.parse((await endpoint("apply", "--json")).output) as Record<string, unknown[]>;
    expect(applied).to.deep.include({ changes: [], rotating: false });
    expect(applied["applied"]).to.have.lengthOf(1);
    expect(applied["conditions"]?.map((one) => (one as { status: boolean }).status)).to.deep.equal(
      Array(5).fill(true),
    );
    expect(applied["endpoints"]).to.have.lengthOf(fake.book.endpoints.length);
  });

  it("rotates: two endpoints, then the new one only", async () => {
    await using setup = await context();
    const { fake, file, endpoint } = setup;
    expect(await endpoint("rotate")).to.include({ code: 1 });
    await endpoint("apply");
    expect(await endpoint("rotate")).to.include({ code: 0 });
    const secrets = fake.book.endpoints.map(({ secret }) => secret);
    expect(secrets).to.have.lengthOf(2);
    expect((await readFile(file, "utf8")).trim().split("\n")).to.deep.equal(secrets);
    expect((await endpoint("plan")).output).to.contain("a rotation is in progress");
    expect(await endpoint("rotate", "--finish")).to.include({ code: 0 });
    expect(fake.book.endpoints.map(({ secret }) => secret)).to.deep.equal(secrets.slice(1));
    expect((await readFile(file, "utf8")).trim().split("\n")).to.deep.equal(secrets.slice(1));
  });

  it("leaves a foreign endpoint alone unless it may adopt it", async () => {
    await using setup = await context();
    const { fake, endpoint } = setup;
    fake.book.create(false, new URLSearchParams({ url, "enabled_events[]": "*" }).toString());
    const before = structuredClone(fake.book.endpoints[0]);
    expect(await endpoint("plan")).to.include({ code: 2 });
    expect(await endpoint("apply")).to.include({ code: 1 });
    expect(fake.book.endpoints[0]).to.deep.equal(before);
    expect(await endpoint("apply", "--adopt")).to.include({ code: 0 });
    expect(fake.book.endpoints.map(({ metadata }) => metadata["managed_by"])).to.deep.equal(["takings"]);
  });

  it("completes what a killed process began", async () => {
    await using setup = await context();
    const { fake, file, env, endpoint } = setup;
    const { command: node, args, ...options } = nodeCommand([main, "endpoint", "apply"], env);
    const killed = spawn(node, args, options);
    const ended = once(killed, "exit");
    fake.onRequest = async (request) => {
      // The endpoint is created and its secret stored, but its mark does not arrive.
      if (!/^POST .*\/we_/.test(request)) return;
      killed.kill("SIGKILL");
      await ended;
      fake.faults.push({ kind: "reset" });
    };
    expect((await ended)[1]).to.equal("SIGKILL");
    fake.onRequest = () => {};
    expect(fake.book.endpoints).to.have.lengthOf(1);
    expect(await endpoint("apply")).to.include({ code: 0 });
    const [healed, second] = fake.book.endpoints;
    expect(second).to.equal(undefined);
    expect(healed?.status).to.equal("enabled");
    expect(await readFile(file, "utf8")).to.contain(String(healed?.secret));
  });

  it("asks with the key of a source, and with no other", async () => {
    await using setup = await context();
    const { fake, file, directory, env } = setup;
    const key = join(directory, "key");
    await writeFile(key, `${fakeEndpointKey}\n`);
    const sources = join(directory, "sources.json");
    const shop = { webhook_secrets: ["whsec_0123456789abcdef"] };
    const args = ["apply", "--source", "shop", "--url", `${url}/shop`, "--secret-file", file];
    const ofShop = { ...env, STRIPE_SOURCES_FILE: sources };
    await writeFile(sources, JSON.stringify({ shop }));
    const refused = await run(command, args, ofShop);
    expect(refused.output).to.contain("source shop: api_key_file");
    expect(fake.requests).to.be.empty;
    await writeFile(sources, JSON.stringify({ shop: { ...shop, api_key_file: key } }));
    expect(await run(command, args, { ...ofShop, STRIPE_API_KEY: "rk_test_of_default" })).to.include({
      code: 0,
    });
    const [created] = fake.book.endpoints;
    expect(created).to.have.property("url", `${url}/shop`);
    expect(created?.metadata).to.include({ takings_source: "shop" });
  });

  it("takes source and connect from variables, so that all commands of a pod are about one endpoint", async () => {
    await using setup = await context();
    const { fake, env } = setup;
    const inPod = {
      ...env,
      STRIPE_ENDPOINT_URL: `${url}/shop`,
      STRIPE_ENDPOINT_SOURCE: "shop",
      STRIPE_ENDPOINT_CONNECT: "true",
    };
    expect(await run(command, ["apply"], inPod)).to.include({ code: 0 });
    const [created] = fake.book.endpoints;
    expect(created?.metadata).to.include({ takings_source: "shop", takings_connect: "true" });
    expect(await run(command, ["rotate"], inPod)).to.include({ code: 0 });
    expect(fake.book.endpoints.map(({ metadata }) => metadata["takings_source"])).to.deep.equal([
      "shop",
      "shop",
    ]);
    const other = await run(command, ["plan", "--source", "default", "--url", url], inPod);
    expect(other).to.include({ code: 2 });
    const wrong = await run(command, ["plan"], { ...inPod, STRIPE_ENDPOINT_CONNECT: "yes" });
    expect(wrong.output).to.contain("STRIPE_ENDPOINT_CONNECT: must be true or false");
  });

  it("prints exactly the wanted types", async () => {
    await using setup = await context();
    const { endpoint } = setup;
    expect((await endpoint("types")).output.trim().split("\n")).to.deep.equal(endpointTypes);
  });

  it("names every bad setting, and refuses plain http", async () => {
    const bad = await run(command, ["plan", "--url", "http://takings.example/webhooks/stripe"], {});
    expect(bad.code).to.equal(1);
    expect(bad.output)
      .to.contain("STRIPE_ENDPOINT_URL: must be https://")
      .and.to.contain("STRIPE_ENDPOINT_SECRET_FILE");
    await using setup = await context();
    const { fake, endpoint } = setup;
    for (const [args, reason] of [
      [["--source", "Shop"], "--source"],
      [["--source", "shop"], "is the path of another source"],
      [["--url", `${url}/shop`], "is the path of another source"],
      [["--url", "https://user:password@takings.example/"], "user name"],
    ] as const) {
      const { code, output } = await endpoint("apply", ...args);
      expect(code, output).to.equal(1);
      expect(output).to.contain(reason);
    }
    expect(fake.requests).to.be.empty;
  });

  it("changes nothing where the secret file is not one, or cannot be written", async () => {
    await using setup = await context();
    const { fake, file, directory, endpoint } = setup;
    await writeFile(file, "<html>Forbidden</html>");
    expect(await endpoint("apply")).to.include({ code: 1 });
    expect(await readFile(file, "utf8")).to.equal("<html>Forbidden</html>");
    const elsewhere = await endpoint("apply", "--secret-file", join(directory, "missing", "secrets"));
    expect(elsewhere.output).to.contain("cannot write the secret file").and.to.contain("ENOENT");
    expect(elsewhere.code).to.equal(1);
    expect(fake.book.endpoints).to.be.empty;
  });

  it("keeps the secrets of others in the file", async () => {
    await using setup = await context();
    const { fake, file, endpoint } = setup;
    await writeFile(file, "whsec_of_somebody_else,whsec_another\n");
    await endpoint("apply");
    const secrets = ["whsec_of_somebody_else", "whsec_another", fake.book.endpoints[0]?.secret];
    expect((await readFile(file, "utf8")).trim().split("\n")).to.deep.equal(secrets);
  });

  it("never shows a secret or the key", async () => {
    await using setup = await context();
    const { fake, endpoint } = setup;
    const outputs: string[] = [];
    for (const args of [["apply"], ["plan"], ["rotate"], ["rotate", "--finish"], ["plan", "--json"]]) {
      const secrets = fake.book.endpoints.map(({ secret }) => secret);
      const { output } = await endpoint(...args);
      outputs.push(output);
      for (const text of [fakeEndpointKey, ...secrets, ...fake.book.endpoints.map(({ secret }) => secret)])
        expect(output).to.not.contain(text);
    }
    expect(outputs).to.have.lengthOf(5);
  });
});
