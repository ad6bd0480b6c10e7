import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describe, it } from "mocha";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ignored = /(?:^|\/)(?:node_modules|\.takings|\.git)(?:\/|$)/;

const documents = globSync("**/*.md", { cwd: root, exclude: (path) => ignored.test(path) });

/** The relative links of a document: where each leads, and to which heading. */
function linksOf(path: string): readonly { readonly target: string; readonly anchor: string | undefined }[] {
  const text = readFileSync(join(root, path), "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : relative(root, join(root, dirname(path), file));
      return { target, anchor };
    });
}

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(path: string): ReadonlySet<string> {
  const text = readFileSync(join(root, path), "utf8").replaceAll(/^```.*?^```$/gms, "");
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#+ (.*)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    const again = [...anchors].filter((one) => one.replace(/-\d+$/, "") === anchor).length;
    anchors.add(again === 0 ? anchor : `${anchor}-${again}`);
  }
  return anchors;
}

describe("the documentation", () => {
  it("is found", () => {
    expect(documents).to.include.members(["README.md", "docs/revenue.md", "charts/takings/README.md"]);
  });

  for (const path of documents) {
    it(`has relative links that lead to files and headings: ${path}`, () => {
      const broken = linksOf(path).filter(({ target, anchor }) => {
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
      });
      expect(broken).to.deep.equal([]);
    });
  }
});
