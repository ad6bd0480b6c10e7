import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { projectRoot } from "../src/project-root.ts";
import { heapArguments } from "../src/run/services.ts";

describe("a service's heap", () => {
  it("grows in the image as it does in the local run", () => {
    const dockerfile = readFileSync(join(projectRoot(), "Dockerfile"), "utf8");
    expect(dockerfile, "where its programs are compiled").to.include(
      `node ${heapArguments.join(" ")} packages/image/src/main.ts "$program"`,
    );
    const [, entry = "[]"] = /^ENTRYPOINT (\["node", "--max.*\])$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(entry)).to.deep.equal(["node", ...heapArguments, "packages/image/src/main.ts"]);
  });
});
