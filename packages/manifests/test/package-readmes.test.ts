import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";

const root = projectRoot();
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
const packages = globSync("{packages,services,test}/*/package.json", { cwd: root }).toSorted();

describe("the README of each workspace package", () => {
  for (const path of packages) {
    const folder = dirname(path);
    it(`has a title, links that exist, existing commands and an example: ${folder}`, () => {
      const text = read(`${folder}/README.md`);
      expect(text.split("\n")[0]).to.equal(`# ${JSON.parse(read(path)).name}`);
      for (const [, link = ""] of text.matchAll(/\]\(([^)#]+)\)/g))
        expect(existsSync(join(root, folder, link)), link).to.equal(true);
      for (const [, script = ""] of text.matchAll(/\bpnpm(?:@[\d.]+)? ([\w:]+)/g))
        expect(scripts, script).to.have.property(script);
      for (const [, pattern = ""] of text.matchAll(/pnpm test (\S+\.ts)/g))
        expect(globSync(pattern, { cwd: root }), pattern).to.not.deep.equal([]);
      expect(text).to.match(/^```(ts|sh)\n[^]+?\n```$/m);
    });

    it(`imports only what the package exports: ${folder}`, () => {
      const text = read(`${folder}/README.md`);
      for (const [, names = "", name] of text.matchAll(/import \{ ([^}]+) \} from "(@takings\/[\w-]+)"/g)) {
        expect(name).to.equal(JSON.parse(read(path)).name);
        for (const exported of names.split(", "))
          expect(read(`${folder}/src/index.ts`), exported).to.match(new RegExp(`\\b${exported}\\b`));
      }
    });
  }
});
