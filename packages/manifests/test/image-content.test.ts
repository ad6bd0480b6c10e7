import { globSync, readFileSync } from "node:fs";
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

  it("is installed by the pnpm version that the workspace pins", () => {
    const { packageManager } = JSON.parse(read("package.json"));
    for (const file of ["Dockerfile", "Tiltfile", ".ci/cluster", ".devcontainer/devcontainer.json"])
      expect(read(file), file).to.include(packageManager);
  });
});
