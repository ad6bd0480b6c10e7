import { rejects } from "node:assert/strict";
import { expect } from "chai";
import { describe, it } from "mocha";
import { eventually } from "../src/eventually.ts";

describe("eventually", () => {
  it("returns the first value that is neither false nor undefined", async () => {
    const seen = [undefined, false, 0].values();
    expect(await eventually("a number", () => seen.next().value)).to.equal(0);
  });

  it("tries again after an error", async () => {
    let calls = 0;
    const check = (): boolean => {
      calls += 1;
      if (calls === 1) throw new Error("not yet");
      return true;
    };
    expect(await eventually("the second call", check)).to.equal(true);
  });

  it("says what it waited for and the last error when the time is over", async () => {
    const check = (): never => {
      throw new Error("the door is shut");
    };
    await rejects(
      eventually("the door", check, 50),
      /after 0.05 s waiting for the door; last seen: Error: the door is shut/,
    );
  });
});
