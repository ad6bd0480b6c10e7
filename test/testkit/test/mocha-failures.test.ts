import { expect } from "chai";
import { describe, it } from "mocha";
import { mochaFailures } from "../src/mocha-failures.ts";

const passed = ["  a suite", "    ✔ a test", "    1) another one", "", "  1 passing (2s)"];
const failures = ["  1 failing", "", "  1) a suite", "       another one:", "     AssertionError: no", ""];

describe("the failures repeated after a failed run", () => {
  it("are mocha's own summary", () => {
    expect(mochaFailures([...passed, ...failures].join("\n"))).to.equal(failures.join("\n"));
  });

  it("are the last lines of an incomplete run", () => {
    const lines = Array.from({ length: 50 }, (_, n) => `line ${n}`);
    expect(mochaFailures(lines.join("\n"))).to.match(/^line 30\n[^]*line 49$/);
  });
});
