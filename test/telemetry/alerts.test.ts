import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { testVariable } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { alerts, inNamespace, type RuleFile, ruleFile } from "@takings/manifests";
import type { AlertCase } from "./src/alert-case.ts";
import { alertCases } from "./src/alert-cases.ts";
import { installation, otherInstallation } from "./src/installation.ts";

const run = promisify(execFile);

describe("alerts in promtool", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-alerts-"));
    writeFileSync(join(dir, "rules.yaml"), stringify(ruleFile(installation)));
  });
  after(() => rmSync(dir, { recursive: true }));

  async function promtool(...args: readonly string[]): Promise<string> {
    const ended = run(testVariable("PROMTOOL"), args, { cwd: dir });
    const { stdout, stderr } = await ended.catch((error: { stdout: string; stderr: string }) => error);
    return `${stdout}\n${stderr}`;
  }

  async function verdict(given: AlertCase, rulesOf: string = installation.namespace): Promise<string> {
    writeFileSync(join(dir, "alert.yaml"), stringify(only(given.alert, rulesOf)));
    writeFileSync(join(dir, "test.yaml"), stringify(asTest(given)));
    return promtool("test", "rules", "test.yaml");
  }

  it("are in a file that promtool accepts without warnings", async () => {
    expect(await promtool("check", "rules", "--lint-fatal", "rules.yaml")).to.match(
      /SUCCESS: \d+ rules found/,
    );
  });

  for (const given of alertCases) {
    const { alert, fires, when } = given;
    it(`${alert} ${fires ? "fires" : "is silent"} when ${when}`, async () => {
      expect(await verdict(given)).to.contain("SUCCESS");
    });
  }

  for (const { name } of alerts) {
    it(`of another installation are silent in each case that fires: ${name}`, async () => {
      for (const given of alertCases.filter(({ alert, fires }) => alert === name && fires)) {
        const silent = { ...given, fires: false };
        expect(await verdict(silent, otherInstallation.namespace), given.when).to.contain("SUCCESS");
      }
    });

    it(`have a case that fires and a case that is silent: ${name}`, () => {
      const outcomes = new Set(alertCases.filter(({ alert }) => alert === name).map(({ fires }) => fires));
      expect(outcomes).to.deep.equal(new Set([true, false]));
    });
  }

  it("fail when the expectation is wrong", async () => {
    for (const expected of [true, false]) {
      const given = alertCases.find(({ fires }) => fires === expected);
      if (given === undefined) throw new Error("There is no such case");
      expect(await verdict({ ...given, fires: !expected })).to.contain("FAILED");
    }
  });
});

/** The rules that one alert needs. With all rules promtool would take minutes for days of samples. */
function only(name: string, namespace: string): RuleFile {
  const rules = ruleFile({ ...installation, namespace }).groups.flatMap((group) => group.rules);
  const wanted = rules.find((rule) => "alert" in rule && rule.alert === name);
  const recorded = rules.filter((rule) => "record" in rule && wanted?.expr.includes(rule.record));
  return { groups: [{ name, rules: [...recorded, ...(wanted ? [wanted] : [])] }] };
}

function asTest({ alert, series, at, fires, every = "1m" }: AlertCase): object {
  const firing = inNamespace(`ALERTS{alertname="${alert}", alertstate="firing"}`, installation.namespace);
  return {
    rule_files: ["alert.yaml"],
    evaluation_interval: every,
    tests: [
      {
        interval: every,
        input_series: Object.entries(series).map(([selector, values]) => ({
          series: inNamespace(selector, installation.namespace),
          values,
        })),
        promql_expr_test: [
          {
            expr: `count(${firing}) or vector(0)`,
            eval_time: at,
            exp_samples: [{ labels: "{}", value: fires ? 1 : 0 }],
          },
        ],
      },
    ],
  };
}
