import { KeyRefusedError } from "@takings/reconcile";
import { expect } from "chai";
import { describe, it } from "mocha";
import { forEachScope } from "../src/balance/for-each-scope.ts";

const scopes = ["acct_1", "acct_2", "acct_3"].map((account) => ({
  source: "default",
  account,
  livemode: false,
}));
const stopping = new AbortController().signal;

describe("the accounts of a balance sync", () => {
  it("are read to the end when one of them is refused, which is said at once", async () => {
    const said = Promise.withResolvers<string>();
    const finished: (string | null)[] = [];
    const failure = await forEachScope(
      scopes,
      async ({ account }) => {
        if (account === "acct_2") throw new Error("Stripe refuses it");
        await said.promise;
        finished.push(account);
      },
      { stopping, say: said.resolve },
    ).catch(String);
    expect(await said.promise).to.equal("acct_2 (test): Stripe refuses it");
    expect(finished).to.deep.equal(["acct_1", "acct_3"]);
    expect(failure).to.equal("Error: 1 of 3 did not finish: acct_2 (test)");
  });

  it("are stopped when Stripe refuses the key, with one sentence", async () => {
    const said: string[] = [];
    const failure = await forEachScope(
      scopes,
      async ({ account }, ending) => {
        if (account === "acct_2") throw new KeyRefusedError("the key lacks a permission");
        await new Promise((_, reject) => ending.addEventListener("abort", () => reject(ending.reason)));
      },
      { stopping, say: (line) => said.push(line) },
    ).catch(String);
    expect(failure).to.equal("TakingsError: the key lacks a permission");
    expect(said).to.deep.equal([]);
  });

  it("do not repeat the same reason", async () => {
    const said: string[] = [];
    const fail = (): Promise<void> => Promise.reject(new Error("the database is away"));
    const failure = await forEachScope(scopes, fail, { stopping, say: (line) => said.push(line) }).catch(
      String,
    );
    expect(said).to.deep.equal(["acct_1 (test): the database is away"]);
    expect(failure).to.match(/3 of 3 did not finish/);
  });
});
