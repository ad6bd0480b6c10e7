import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { followFile } from "../src/followed-file.ts";

describe("a followed file", () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "takings-followed-"));
    file = join(dir, "followed");
    writeFileSync(file, "before");
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const follow = (onReloaded: (content: string) => void = () => {}): (() => string) =>
    followFile({ variable: "FILE", file, parse: (text) => text, onReloaded, onRefused: () => {} });
  const elapsed = async (ms: number, meanwhile: () => void = () => {}): Promise<void> => {
    const end = performance.now() + ms;
    await eventually("this time to pass", () => {
      meanwhile();
      return performance.now() > end;
    });
  };

  it("is not taken while it is being rewritten in place", async () => {
    const taken: string[] = [];
    const content = follow((text) => taken.push(text));
    writeFileSync(file, "after");
    await elapsed(3_500, () => {
      appendFileSync(file, ".");
      content();
    });
    expect(taken).to.deep.equal([]);
    appendFileSync(file, "complete");
    await eventually("the complete file", () => content().endsWith("complete"));
    expect(taken).to.have.length(1);
  });

  it("is taken at the first reading when it was written a while before", async () => {
    const content = follow();
    writeFileSync(file, "after");
    await elapsed(1_200);
    expect(content()).to.equal("after");
  });

  it("is taken although its time is in the future", async () => {
    const content = follow();
    writeFileSync(file, "after");
    const nextYear = Date.now() / 1_000 + 365 * 86_400;
    utimesSync(file, nextYear, nextYear);
    await eventually("the change", () => content() === "after");
  });
});
