import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";

type ComposeService = {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
};
type ComposeFile = {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly configs: Readonly<Record<string, object>>;
};

const root = projectRoot();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const compose: ComposeFile = parse(read("compose.yaml"), { merge: true });
const entries = Object.entries(compose.services);

function service(name: string): ComposeService {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}`);
  return found;
}

// Docker Compose is not needed here. test/cluster/chart compares the settings with the rendered charts, and runs
// `docker compose config` where it is installed.
describe("compose.yaml", () => {
  it("runs the images of the stack chart", () => {
    const values = parse(read("charts/takings-stack/values.yaml"));
    for (const [name, key] of [
      ["takings-nats", "nats"],
      ["takings-postgres", "postgres"],
      ["roles", "postgres"],
      ["takings-otel-collector", "collector"],
      ["takings-tempo", "tempo"],
      ["takings-prometheus", "prometheus"],
      ["takings-grafana", "grafana"],
    ] as const)
      expect(service(name).image, name).to.equal(values[key].image);
  });

  it("runs the version of the product", () => {
    const { version } = JSON.parse(read("package.json"));
    const images = entries.map(([, { image }]) => image).filter((image) => image.startsWith("takings:"));
    expect(images).to.have.length(6);
    expect(new Set(images)).to.deep.equal(new Set([`takings:${version}`]));
  });

  it("migrates the database and creates the stream before the services start", () => {
    const completed = { condition: "service_completed_successfully" };
    const healthy = { condition: "service_healthy" };
    expect(service("roles").depends_on).to.deep.equal({ "takings-postgres": healthy });
    expect(service("migrate").depends_on).to.deep.equal({ roles: completed });
    expect(service("stream").depends_on).to.deep.equal({ "takings-nats": healthy });
    for (const name of ["ingress", "consumer", "revenue-query"])
      expect(service(name).depends_on, name).to.deep.equal({ migrate: completed, stream: completed });
  });

  it("sets every password that the users of NATS and PostgreSQL need", () => {
    const nats = [...read("charts/takings-stack/files/nats-users.conf").matchAll(/\$(NATS_\w+)/g)];
    const roles = [...read("charts/takings-stack/files/roles.sql").matchAll(/^\\getenv \w+ (\w+)$/gm)];
    expect(nats.length).to.be.above(1);
    expect(roles.length).to.be.above(1);
    expect(service("takings-nats").environment).to.have.all.keys(nats.map(([, name = ""]) => name));
    expect(service("roles").environment).to.include.all.keys(roles.map(([, name = ""]) => name));
  });

  it("mounts only files and volumes that exist", () => {
    for (const [name, { volumes = [], configs = [] }] of entries) {
      for (const volume of volumes) {
        const [source = ""] = volume.split(":");
        if (source.startsWith("./")) expect(existsSync(join(root, source)), volume).to.equal(true);
        else expect(compose.volumes, name).to.have.property(source);
      }
      for (const { source } of configs) expect(compose.configs, name).to.have.property(source);
    }
  });

  it("publishes ports on the loopback address only", () => {
    const ports = entries.flatMap(([, { ports: published = [] }]) => published);
    expect(ports).to.have.length(4);
    for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/);
  });
});
