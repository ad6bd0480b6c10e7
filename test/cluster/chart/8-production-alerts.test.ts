import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { productionResource } from "../src/production.ts";
import type { Manifest } from "../src/render.ts";
import { isInstalled, runProgram } from "../src/run-program.ts";

const rules: readonly Manifest[] = productionResource("PrometheusRule").spec.groups[0].rules;
const read = (path: string): string => readFileSync(join(projectRoot(), path), "utf8");
const hasPromtool = await isInstalled("promtool");

/** Labels of a sample of an instance. */
const of = (pod: string, more = ""): string => `{namespace="takings", pod="${pod}"${more}}`;
const backup = `barman_cloud_cloudnative_pg_io_last_available_backup_timestamp${of("takings-db-1")}`;
const ready = `cnpg_collector_pg_wal_archive_status${of("takings-db-1", ', value="ready"')}`;
const failed = `cnpg_pg_stat_archiver_last_failed_time${of("takings-db-1")}`;
const archived = `cnpg_pg_stat_archiver_last_archived_time${of("takings-db-1")}`;
const standbys = (pod: string): string => `cnpg_pg_replication_streaming_replicas${of(pod)}`;
const lag = `cnpg_pg_replication_lag${of("takings-db-2")}`;
const minutes = (value: number): string => `${value}x3000`;

type Case = readonly [alert: string, when: string, fires: boolean, series: Readonly<Record<string, string>>];

/** Evaluated after 48 hours with a sample a minute. Instants are seconds since the first sample. */
const cases: readonly Case[] = [
  ["PostgresBackupTooOld", "the last backup is from last night", false, { [backup]: minutes(40 * 3600) }],
  ["PostgresBackupTooOld", "last night's backup failed", true, { [backup]: minutes(12 * 3600) }],
  ["PostgresBackupTooOld", "there is no backup", true, { [backup]: minutes(0) }],
  ["PostgresBackupTooOld", "nothing is scraped", true, {}],
  [
    "PostgresBackupTooOld",
    "another cluster has a new one",
    true,
    {
      [backup]: minutes(3600),
      [backup.replace("takings-db-1", "other-1")]: minutes(40 * 3600),
    },
  ],
  [
    "PostgresWalArchivingFailing",
    "everything is archived",
    false,
    {
      [ready]: minutes(1),
      [failed]: minutes(100),
      [archived]: minutes(200),
    },
  ],
  [
    "PostgresWalArchivingFailing",
    "it never failed",
    false,
    { [ready]: minutes(0), [failed]: minutes(-1), [archived]: minutes(9) },
  ],
  ["PostgresWalArchivingFailing", "files wait", true, { [ready]: minutes(21) }],
  [
    "PostgresWalArchivingFailing",
    "the last attempt failed",
    true,
    { [failed]: minutes(200), [archived]: minutes(100) },
  ],
  [
    "PostgresStandbyMissing",
    "both standbys stream",
    false,
    {
      [standbys("takings-db-1")]: minutes(2),
      [standbys("takings-db-2")]: minutes(0),
      [lag]: minutes(2),
    },
  ],
  ["PostgresStandbyMissing", "one standby streams", true, { [standbys("takings-db-1")]: minutes(1) }],
  [
    "PostgresStandbyMissing",
    "a standby is behind",
    true,
    { [standbys("takings-db-1")]: minutes(2), [lag]: minutes(301) },
  ],
  ["PostgresStandbyMissing", "nothing is scraped", false, {}],
  [
    "PostgresMetricsAbsent",
    "the exporter may connect",
    false,
    { [standbys("takings-db-1")]: minutes(2), [archived]: minutes(9) },
  ],
  // The collector's own metrics need no connection to the database.
  ["PostgresMetricsAbsent", "the exporter may not connect", true, { [ready]: minutes(0) }],
  ["PostgresMetricsAbsent", "nothing is scraped", true, {}],
];

describe("the alerts about PostgreSQL in k8s/production", function () {
  this.timeout(60_000);

  for (const { alert, labels, annotations } of rules) {
    it(`have a runbook of the usual form, and a line in the index: ${alert}`, () => {
      const path = `docs/runbooks/${alert}.md`;
      expect(annotations.runbook_url).to.match(new RegExp(`/${path}$`));
      expect(existsSync(join(projectRoot(), path)), path).to.equal(true);
      const headings = read(path).match(/^#+ .*/gm);
      expect(headings).to.deep.equal([
        `# ${alert}`,
        "## Meaning",
        "## Impact",
        "## Diagnosis",
        "## Mitigation",
      ]);
      const [, severity] =
        new RegExp(`^\\| \\[${alert}\\]\\(.*?\\) +\\| (\\w+)`, "m").exec(read("docs/runbooks/README.md")) ??
        [];
      expect(labels.severity).to.equal(severity);
    });

    it(`have a case that fires and one that is silent: ${alert}`, () => {
      const outcomes = cases.filter(([name]) => name === alert).map(([, , fires]) => fires);
      expect(new Set(outcomes)).to.deep.equal(new Set([true, false]));
    });
  }

  if (hasPromtool)
    for (const given of cases) {
      const [alert, when, fires] = given;
      it(`${alert} ${fires ? "fires" : "is silent"} when ${when}`, async () => {
        expect(await promtoolOutput(given)).to.include("SUCCESS");
        expect(await promtoolOutput([alert, when, !fires, given[3]])).to.include("FAILED");
      });
    }
});

/** What promtool prints about one case. */
async function promtoolOutput([alert, , fires, series]: Case): Promise<string> {
  const rule = rules.find((one) => one.alert === alert);
  const { expr, labels, annotations } = rule;
  const test = {
    rule_files: ["rules.yaml"],
    evaluation_interval: "10m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [
          {
            eval_time: "48h",
            alertname: alert,
            exp_alerts: fires
              ? [{ exp_labels: { ...labels, ...labelsOfAbsent(expr, series) }, exp_annotations: annotations }]
              : [],
          },
        ],
      },
    ],
  };
  const dir = mkdtempSync(join(tmpdir(), "takings-alerts-"));
  writeFileSync(join(dir, "rules.yaml"), stringify({ groups: [{ name: "postgres", rules: [rule] }] }));
  writeFileSync(join(dir, "test.yaml"), stringify(test));
  try {
    const { stdout, stderr } = await runProgram("promtool", ["test", "rules", join(dir, "test.yaml")]);
    return `${stdout}${stderr}`;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** `absent` gives the labels that its selector tests for equality. */
function labelsOfAbsent(expr: string, series: object): object {
  const absent = [...expr.matchAll(/absent\((\w+)/g)].map(([, name]) => name ?? "");
  const isThere = (name: string): boolean => Object.keys(series).some((one) => one.startsWith(name));
  return absent.length > 0 && !absent.some(isThere) ? { namespace: "takings" } : {};
}
