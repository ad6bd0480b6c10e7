import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { undocumented, valueAt } from "../src/documented-fields.ts";
import { type Check, requestProblem, untilSound } from "../src/until-sound.ts";
import { pathProblems } from "../src/writable-paths.ts";
import { dashboardProblems } from "./dashboards.ts";
import { type DataSource, dataSourceProblems, dataSourcesOf } from "./data-sources.ts";
import { documentedSettings, providerFields } from "./grafana-fields.ts";

// Stands in for Grafana 13 under the pod specification of charts/takings-stack. It answers /api/health on 3000, and is
// healthy only when the real Grafana would show the provisioned dashboards with the provisioned data sources.

const provisioning = "/etc/grafana/provisioning";
let isHealthy = false;

createServer((request, response) => {
  if (request.url !== "/api/health") return void response.writeHead(404).end();
  const database = isHealthy ? "ok" : "starting";
  response.writeHead(isHealthy ? 200 : 503).end(JSON.stringify({ database, version: "stand-in" }));
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));

/** The parsed files of a folder of provisioning. */
function provisioned(folder: string): readonly unknown[] {
  const path = join(provisioning, folder);
  const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
  return names.map((name) => parse(readFileSync(join(path, name), "utf8")));
}

const sourceFiles = provisioned("datasources");
const sources = sourceFiles.flatMap(dataSourcesOf);
const providerFiles = provisioned("dashboards");
const dashboards = providerFiles
  .flatMap((file) => valueAt(file, "providers"))
  .map((provider) => String(valueAt(provider, "options.path")))
  .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  .filter((file) => file.endsWith(".json"));

const settingProblems = (): string[] => {
  const set = Object.keys(process.env).filter((name) => name.startsWith("GF_"));
  const home = process.env["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
  return [
    ...set
      .filter((name) => !documentedSettings.includes(name))
      .map((name) => `${name} is not a documented setting`),
    ...(home === undefined || existsSync(home) ? [] : [`the home dashboard ${home} does not exist`]),
  ];
};

/** Checks what Grafana's own test of a data source checks, without the password of PostgreSQL. */
function reachabilityCheck({ uid, type, url }: DataSource): Check {
  const paths: Readonly<Record<string, string>> = {
    prometheus: "/api/v1/query?query=1",
    tempo: "/ready",
    loki: "/ready",
  };
  const path = paths[type];
  const problem = async (): Promise<string | undefined> =>
    path === undefined ? connectionProblem(url) : requestProblem(`${url}${path}`, (status) => status === 200);
  return {
    title: `that the data source ${uid} is reached at ${url}`,
    problems: async () => [await problem()].filter((one) => one !== undefined),
  };
}

async function connectionProblem(address: string): Promise<string | undefined> {
  const [host = "", port] = address.split(":");
  const socket = connect({ host, port: Number(port), timeout: 2_000 });
  return new Promise((resolve) => {
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.on("connect", () => end());
    socket.on("timeout", () => end(`${address} does not answer`));
    socket.on("error", (error) => end(`${address} cannot be reached: ${error.message}`));
  });
}

await untilSound([
  {
    title: "that only /var/lib/grafana and /tmp can be written",
    problems: () =>
      pathProblems({
        written: ["/var/lib/grafana", "/var/lib/grafana/plugins", "/tmp"],
        readOnly: ["/var/tmp", "/var/log/grafana", provisioning],
      }),
  },
  { title: "the settings", problems: settingProblems },
  {
    title: `the data sources ${sources.map(({ uid }) => uid).join(", ")}`,
    problems: () => sourceFiles.flatMap((file) => dataSourceProblems(file, process.env)),
  },
  {
    title: "the folders of dashboards",
    problems: () => providerFiles.flatMap((file) => undocumented(file, providerFields)),
  },
  ...dashboards.map((file) => ({
    title: `the dashboard ${file}`,
    problems: () => dashboardProblems(JSON.parse(readFileSync(file, "utf8")), sources),
  })),
  { title: "that there are dashboards", problems: () => (dashboards.length > 0 ? [] : ["there are none"]) },
  ...sources.map(reachabilityCheck),
]);
isHealthy = true;
