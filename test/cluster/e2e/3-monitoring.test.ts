import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { clusterPollMs, clusterTimeoutMs } from "../src/cluster.ts";
import { installed } from "../src/installation.ts";
import { standInChecks } from "../src/stand-in.ts";
import { prometheusOf, ruleProblems, targetProblems } from "../src/prometheus.ts";
import { readTrace } from "../src/tempo.ts";
import { note, settings } from "./settings.ts";

type RuleFile = {
  readonly groups: readonly { readonly rules: readonly { alert?: string; record?: string }[] }[];
};

/** Waits until a check finds no problem. */
async function untilNone(what: string, problems: () => Promise<readonly string[]>): Promise<void> {
  const areNone = async (): Promise<boolean> => {
    const found = await problems();
    if (found.length > 0) throw new Error(found.join("; "));
    return true;
  };
  await eventually(what, areNone, clusterTimeoutMs, clusterPollMs);
}

describe("Prometheus of the stack", function () {
  this.timeout(300_000);

  it("has every pod of the services as a target that is up, and no other target", async () => {
    const { cluster, client } = await installed(settings);
    const prometheus = prometheusOf(client);
    await untilNone("the targets", async () => {
      const services = "app.kubernetes.io/component in (ingress, consumer, revenue-query)";
      const pods = await cluster.objects("pods", services);
      const running = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      expect(running.length).to.be.at.least(5);
      return targetProblems(
        await prometheus.targets(),
        running.map(({ metadata }) => metadata.name),
      );
    });
    const [{ labels } = { labels: {} }] = await prometheus.targets();
    expect(labels).to.include({ namespace: cluster.namespace });
    expect(labels).to.have.all.keys("namespace", "pod", "job", "instance");
  });

  it("has loaded the rules of the product chart and evaluates them without an error", async () => {
    const { cluster, client } = await installed(settings);
    const prometheus = prometheusOf(client);
    const text = readFileSync(join(projectRoot(), "charts/takings/files/rules.yaml"), "utf8");
    const { groups }: RuleFile = parse(text);
    const names = groups.flatMap(({ rules }) => rules.map(({ alert, record }) => alert ?? record ?? ""));
    await untilNone("the rules", async () => ruleProblems(await prometheus.rules(), names));
    note(`${names.length} rules`);
    const loaded = await cluster.kubectl(["get", "configmap", "takings-prometheus", "--output", "json"]);
    expect(JSON.parse(loaded).data["rules.yaml"]).to.not.match(/__\w+__/);
  });

  it("has the metrics that Tempo generates from spans, or takes remote writes of its stand-in", async () => {
    const { cluster, client } = await installed(settings);
    const checks = await standInChecks(cluster, "takings-tempo");
    if (checks.length > 0) {
      expect(checks).to.include("the receiver of remote writes");
      return;
    }
    const prometheus = prometheusOf(client);
    for (const name of ["traces_spanmetrics_calls_total", "traces_service_graph_request_total"])
      await untilNone(name, async () => ((await prometheus.series(name)) > 0 ? [] : [`there is no ${name}`]));
  });

  it("has stored exemplars, whose traces Tempo has", async () => {
    const { client } = await installed(settings);
    const prometheus = prometheusOf(client);
    await untilNone("exemplars", async () => {
      const exemplars = await prometheus.exemplars('{__name__=~"takings_.+_bucket"}');
      const ids = exemplars.map(({ labels }) => labels["trace_id"]).filter((id) => id !== undefined);
      if (ids.length === 0) return [`none of ${exemplars.length} exemplars has a trace_id`];
      note(`${exemplars.length} exemplars`);
      expect(await readTrace(client, ids.at(-1) ?? "")).to.not.deep.equal([]);
      return [];
    });
  });
});
