import { TakingsError } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { RestartTransactionError, withTransactionRestarts } from "../src/session/restart-transaction.ts";

describe("a transaction that has to be restarted", () => {
  it("is restarted until what it has read does not change", async () => {
    let attempts = 0;
    const result = await withTransactionRestarts(() => {
      attempts += 1;
      return attempts < 3 ? Promise.reject(new RestartTransactionError("moved")) : Promise.resolve("done");
    });
    expect([result, attempts]).to.deep.equal(["done", 3]);
  });

  it("is unavailable when that happens too often", async () => {
    const failure: unknown = await withTransactionRestarts(() =>
      Promise.reject(new RestartTransactionError("moved")),
    ).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TakingsError);
    expect(failure).to.include({ code: "unavailable" });
  });

  it("fails at once with any other failure", async () => {
    const other = new Error("other");
    let attempts = 0;
    const failure: unknown = await withTransactionRestarts(() => {
      attempts += 1;
      return Promise.reject(other);
    }).catch((error: unknown) => error);
    expect([failure, attempts]).to.deep.equal([other, 1]);
  });
});
