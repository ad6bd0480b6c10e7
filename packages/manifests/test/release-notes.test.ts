import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { nodeCommand } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { releaseNotes } from "../src/release/release-notes.ts";

const changelog = `# Changelog

## Unreleased

- Not yet.

## [1.2.0] - 2026-12-01

### Added

- A new thing.

### Fixed

- An old thing.

## 1.1.0 - 2026-11-30

- The first thing.

## 1.0.0 - 2026-11-29

### Added
`;
const stated = [
  { path: "package.json", versions: ["1.2.0"] },
  { path: "Chart.yaml", versions: ["1.2.0", "1.2.0"] },
];
const stating = (version: string): typeof stated =>
  stated.map(({ path, versions }) => ({ path, versions: versions.map(() => version) }));

describe("the notes of a release", () => {
  it("are the section of its version, without the heading and the sections of others", () => {
    expect(releaseNotes("v1.2.0", changelog, stated)).to.equal(
      "### Added\n\n- A new thing.\n\n### Fixed\n\n- An old thing.",
    );
    expect(releaseNotes("v1.1.0", changelog, stating("1.1.0"))).to.equal("- The first thing.");
  });

  it("do not exist for a version without a section, or with an empty one", () => {
    for (const version of ["1.3.0", "1.0.0", "1.2.0-rc.1"]) {
      expect(() => releaseNotes(`v${version}`, changelog, stating(version))).to.throw(
        `v${version} cannot be released: CHANGELOG.md has no section "## ${version} - YYYY-MM-DD" with an entry`,
      );
    }
  });

  it("do not exist for a tag that is not the version of package.json and the charts", () => {
    const others = [
      { path: "package.json", versions: ["1.1.0"] },
      { path: "Chart.yaml", versions: ["1.2.0", "1.1.0"] },
    ];
    expect(() => releaseNotes("v1.2.0", changelog, others)).to.throw(
      "v1.2.0 cannot be released: package.json has the version 1.1.0 and not 1.2.0; Chart.yaml has the version 1.2.0, 1.1.0 and not 1.2.0",
    );
  });

  for (const tag of ["", "1.2.0", "v1.2", "v1.2.0;ls", "vUnreleased"]) {
    it(`do not exist for a tag that is no version: "${tag}"`, () => {
      expect(() => releaseNotes(tag, changelog, stated)).to.throw("is not a version such as v1.2.3");
    });
  }

  it("are refused by the command with an exit code, so that the release stops", async () => {
    const { command, args, ...options } = nodeCommand(
      ["packages/manifests/src/release/main.ts", "v99.0.0"],
      {},
    );
    const failure = await promisify(execFile)(command, args, options).catch((error: unknown) => error);
    expect(failure).to.include({ code: 1, stdout: "" });
    expect(failure).to.have.property("stderr").that.includes("package.json has the version");
  });
});
