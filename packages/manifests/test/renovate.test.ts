import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

type Manager = { readonly managerFilePatterns: readonly string[]; readonly matchStrings: readonly string[] };
type Dependency = { readonly path: string; readonly name: string | undefined; readonly version: string };

const root = projectRoot();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
/** The files of the project; a checkout also has what was installed and made in it. */
const files = globSync(
  [
    "*.*",
    "{Dockerfile,Tiltfile}",
    ".{ci,devcontainer,github}/**/*",
    "{charts,docs,k8s,packages,services,test}/**/*",
  ],
  { cwd: root, exclude: ["**/node_modules"], withFileTypes: true },
)
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const { customManagers } = JSON.parse(read("renovate.json")) as {
  readonly customManagers: readonly Manager[];
};

/** What a manager finds, as Renovate does: patterns of files between slashes, one match per dependency. */
function found({ managerFilePatterns, matchStrings }: Manager): readonly Dependency[] {
  const patterns = managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
  return files
    .filter((path) => patterns.some((pattern) => pattern.test(path)))
    .flatMap((path) =>
      matchStrings.flatMap((text) =>
        [...read(path).matchAll(new RegExp(text, "g"))].map(({ groups = {} }) => ({
          path,
          name: groups["depName"],
          version: groups["currentValue"] ?? "",
        })),
      ),
    );
}

describe("Renovate's own managers", () => {
  const [pnpm, images] = customManagers.map(found);

  it("find the version of pnpm in every file that names it", () => {
    const naming = files.filter((path) => path !== "pnpm-lock.yaml" && /pnpm@\d/.test(read(path)));
    expect(new Set(pnpm?.map(({ path }) => path))).to.deep.equal(new Set(naming));
    expect(new Set(pnpm?.map(({ version }) => version)).size).to.equal(1);
  });

  it("find every image of the stack", () => {
    const values = read("charts/takings-stack/values.yaml");
    const named = [...values.matchAll(/^ +image: (\S+)$/gm)].map(([, image]) => image);
    expect(named).to.not.be.empty;
    expect(images?.map(({ name, version }) => `${name}:${version}`)).to.deep.equal(named);
  });
});
