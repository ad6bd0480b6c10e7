import { expect } from "chai";
import { describe, it } from "mocha";
import { runEach } from "../src/background-loop.ts";

describe("the steps of a background loop", () => {
  it("are all run, also those after one that failed, and the failure is reported", async () => {
    const run: string[] = [];
    const step = (name: string, failure?: Error) => async (): Promise<number> => {
      run.push(name);
      if (failure !== undefined) throw failure;
      return 2;
    };
    expect(await runEach([step("a"), step("b")])).to.equal(4);
    const failed: unknown = await runEach([step("c", new Error("no rollup")), step("d")]).catch(
      (error: unknown) => error,
    );
    expect(String(failed)).to.include("no rollup");
    expect(run).to.deep.equal(["a", "b", "c", "d"]);
  });
});
