import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

type Manifest = { readonly name: string; readonly dependencies?: Readonly<Record<string, string>> };

const root = projectRoot();
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The folders of the packages that @takings/image depends on, including its own. */
function imageFolders(): string[] {
  const paths = globSync("{packages,services}/*/package.json", { cwd: root });
  const manifests = paths.map((path) => ({
    folder: dirname(path),
    manifest: JSON.parse(read(path)) as Manifest,
  }));
  const wanted = new Set<string>(["@takings/image"]);
  for (const name of wanted) {
    const found = manifests.find(({ manifest }) => manifest.name === name);
    for (const other of Object.keys(found?.manifest.dependencies ?? {}))
      if (other.startsWith("@takings/")) wanted.add(other);
  }
  return manifests
    .filter(({ manifest }) => wanted.has(manifest.name))
    .map(({ folder }) => folder)
    .toSorted();
}

describe("the image", () => {
  it("contains exactly the packages that it depends on", () => {
    const services = globSync("services/*", { cwd: root });
    const packages = [...read(".dockerignore").matchAll(/^!(packages\/\S+)$/gm)].map(
      ([, folder = ""]) => folder,
    );
    expect([...packages, ...services].toSorted()).to.deep.equal(imageFolders());
  });

  it("contains the same packages with tilt up, which updates their files", () => {
    const lists = [...read("Tiltfile").matchAll(/'(packages|services)\/' \+ name for name in \[([^\]]*)\]/g)];
    const folders = lists.flatMap(([, parent, names = ""]) =>
      [...names.matchAll(/'([^']+)'/g)].map(([, name]) => `${parent}/${name}`),
    );
    expect(folders.toSorted()).to.deep.equal(imageFolders());
  });

  it("has the command takings, which becomes node and passes its arguments on", () => {
    const dir = mkdtempSync(join(tmpdir(), "takings-command-"));
    writeFileSync(join(dir, "node"), '#!/bin/sh\necho "$$" "$@"\n', { mode: 0o755 });
    const command = join(root, "packages/image/takings");
    const { pid, stdout } = spawnSync(command, ["quarantine", "list", "--reason", "two words"], {
      env: { PATH: `${dir}:/usr/bin:/bin` },
      encoding: "utf8",
    });
    const [, options = "", main = ""] =
      /^ENTRYPOINT \["node", (.*), "(\S+)"\]$/m.exec(read("Dockerfile").split("\nFROM debian")[1] ?? "") ??
      [];
    const program = [...options.replaceAll(/[",]/g, "").split(" "), `/app/${main}`];
    expect(stdout).to.equal(`${pid} ${program.join(" ")} quarantine list --reason two words\n`);
    rmSync(dir, { recursive: true });
    const links = [...read("Dockerfile").matchAll(/^RUN ln -s (\S+) (\S+)/gm)].map(([, from, to]) => [
      from,
      to,
    ]);
    const link = ["/app/packages/image/takings", "/usr/local/bin/takings"];
    expect(links, "in the development image and in the image").to.deep.equal([link, link]);
  });

  it("is installed by the pnpm version that the workspace pins", () => {
    const { packageManager } = JSON.parse(read("package.json"));
    for (const file of ["Dockerfile", "Tiltfile", ".ci/cluster", ".devcontainer/devcontainer.json"])
      expect(read(file), file).to.include(packageManager);
  });
});
