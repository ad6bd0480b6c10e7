import { readFileSync } from "node:fs";
import { expect } from "chai";
import { describe, it } from "mocha";
import { heapArguments } from "../src/heap-arguments.ts";

describe("a service's heap arguments", () => {
  it("are the same in the image as in every other run", () => {
    const dockerfile = readFileSync(new URL("../../../Dockerfile", import.meta.url), "utf8");
    expect(dockerfile, "where its programs are compiled").to.include(
      `node ${heapArguments.join(" ")} packages/image/src/main.ts "$program"`,
    );
    const command = readFileSync(new URL("../../image/takings", import.meta.url), "utf8");
    expect(command, "takings in a running container").to.include(
      `exec node ${heapArguments.join(" ")} /app/packages/image/src/main.ts "$@"`,
    );
    const [, entry = "[]"] = /^ENTRYPOINT (\["node", "--max.*\])$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(entry)).to.deep.equal(["node", ...heapArguments, "packages/image/src/main.ts"]);
  });
});
