import { expect } from "chai";
import { describe, it } from "mocha";
import { failuresIn } from "../src/failures-in.ts";

const passed = ["  a suite", "    ✔ a test", "    1) another one", "", "  1 passing (2s)"];
const failures = ["  1 failing", "", "  1) a suite", "       another one:", "     AssertionError: no", ""];

describe("what is said once more of a run that failed", () => {
  it("is what mocha says of its failures", () => {
    expect(failuresIn([...passed, ...failures].join("\n"))).to.equal(failures.join("\n"));
  });

  it("is the last of a run that broke off", () => {
    const lines = Array.from({ length: 50 }, (_, n) => `line ${n}`);
    expect(failuresIn(lines.join("\n"))).to.match(/^line 30\n[^]*line 49$/);
  });
});
