import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { type Manifest, rejection, render, renderObject, renderText } from "../src/render.ts";
import { isInstalled, mustRun } from "../src/run-program.ts";

const hasPromtool = await isInstalled("promtool");

type Alert = {
  readonly alert?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

async function spec(kind: string, values: object): Promise<Manifest> {
  const objects = await render({ values: { monitoring: values } });
  const found = [...objects].find(([name]) => name === `${kind}/takings`)?.[1];
  if (found === undefined) throw new Error(`There is no ${kind} among ${[...objects.keys()].join(", ")}`);
  return found.spec;
}
const rules = async (options: object = {}): Promise<Manifest> =>
  spec("PrometheusRule", { prometheusRule: { enabled: true, ...options } });
/** The alerts by name. */
async function alerts(options: object = {}): Promise<Readonly<Record<string, Alert>>> {
  const all = (await rules(options)).groups.flatMap((group: { rules: readonly Alert[] }) => group.rules);
  return Object.fromEntries(all.flatMap((rule: Alert) => (rule.alert ? [[rule.alert, rule]] : [])));
}

describe("the rules of the chart", function () {
  this.timeout(60_000);
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-rules-"));
  });
  after(() => rmSync(dir, { recursive: true }));

  if (hasPromtool)
    it("are accepted by promtool without warnings", async () => {
      const file = join(dir, "rules.yaml");
      writeFileSync(file, stringify(await rules()));
      const output = await mustRun("promtool", ["check", "rules", "--lint-fatal", file]);
      expect(output).to.match(/SUCCESS: \d+ rules found/);
    });

  it("contain no placeholder and read only series of the namespace of the release", async () => {
    const text = await renderText({ values: { monitoring: { prometheusRule: { enabled: true } } } });
    expect(text).to.not.match(/__[A-Z]+__/);
    for (const { expr } of Object.values(await alerts())) expect(expr).to.include('namespace="default"');
  });

  it("have the severities page and ticket unless others are set", async () => {
    const severities = async (options?: object): Promise<Set<string | undefined>> =>
      new Set(Object.values(await alerts(options)).map(({ labels }) => labels["severity"]));
    expect(await severities()).to.deep.equal(new Set(["page", "ticket"]));
    const words = { severities: { page: "critical", ticket: "warning" } };
    expect(await severities(words)).to.deep.equal(new Set(["critical", "warning"]));
    expect((await alerts(words))["TakingsDurabilityBroken"]?.labels).to.deep.equal({ severity: "critical" });
  });

  it("link to the runbooks at the given URL, or to none", async () => {
    const link = async (runbookUrl: string): Promise<string | undefined> =>
      (await alerts({ runbookUrl }))["TakingsGaps"]?.annotations["runbook_url"];
    expect(await link("https://wiki.example/takings/")).to.equal(
      "https://wiki.example/takings/TakingsGaps.md",
    );
    expect(await link("")).to.equal(undefined);
  });

  it("have additional labels, which do not replace the severity", async () => {
    const more = { team: "payments", severity: "none" };
    expect((await alerts({ additionalRuleLabels: more }))["TakingsGaps"]?.labels).to.deep.equal({
      team: "payments",
      severity: "ticket",
    });
  });

  it("leave out disabled alerts and keep all others", async () => {
    const disabled = ["TakingsClockSkew", "TakingsGaps"];
    const all = Object.keys(await alerts());
    expect(Object.keys(await alerts({ disabled }))).to.have.members(
      all.filter((name) => !disabled.includes(name)),
    );
  });

  it("are refused when a disabled alert does not exist", async () => {
    const values = { monitoring: { prometheusRule: { enabled: true, disabled: ["TakingsClock"] } } };
    expect(await rejection(values)).to.match(
      /monitoring.prometheusRule.disabled: there is no alert TakingsClock\. The alerts are .*TakingsClockSkew/,
    );
  });
});

describe("the dashboards of the chart", function () {
  this.timeout(60_000);

  it("link to the page at its public URL", async () => {
    const values = {
      monitoring: { dashboards: { enabled: true } },
      revenueQuery: { page: { publicUrl: "https://takings.example.com" } },
    };
    const { data } = await renderObject("ConfigMap/takings-dashboard-takings", values);
    const { templating } = JSON.parse(data?.["takings.json"] ?? "{}");
    const page = templating.list.find(({ name }: Manifest) => name === "page");
    expect(page.query).to.equal("https://takings.example.com");
  });
});

describe("the ServiceMonitor of the chart", function () {
  this.timeout(60_000);

  it("scrapes the admin ports with Prometheus's own timeout", async () => {
    const { endpoints } = await spec("ServiceMonitor", { serviceMonitor: { enabled: true } });
    expect(endpoints).to.deep.equal([
      { port: "admin", path: "/metrics", honorLabels: true, interval: "15s" },
    ]);
  });

  // prometheus-operator, pkg/prometheus/promcfg.go: the name of the Service becomes the target's label `service`.
  it("keeps the label `service` of the metrics, which alerts and dashboards read", async () => {
    const { endpoints } = await spec("ServiceMonitor", { serviceMonitor: { enabled: true } });
    expect(endpoints[0].honorLabels).to.equal(true);
  });

  it("has each label once, also if it is among the common labels, and the release as text", async () => {
    const labels = { release: "prometheus", team: "b" };
    const enabled = { enabled: true, labels };
    const monitoring = { serviceMonitor: enabled, prometheusRule: enabled, dashboards: enabled };
    const objects = await render({ values: { commonLabels: { team: "a" }, monitoring } });
    for (const name of [
      "ServiceMonitor/takings",
      "PrometheusRule/takings",
      "ConfigMap/takings-dashboard-takings",
    ])
      expect(objects.get(name)?.metadata.labels, name).to.include(labels);
  });

  it("has the given timeout and relabelings", async () => {
    const given = {
      scrapeTimeout: "5s",
      relabelings: [{ targetLabel: "cluster", replacement: "eu" }],
      metricRelabelings: [{ sourceLabels: ["__name__"], regex: "nodejs_.*", action: "drop" }],
    };
    const { endpoints } = await spec("ServiceMonitor", { serviceMonitor: { enabled: true, ...given } });
    expect(endpoints[0]).to.deep.include(given);
  });
});
