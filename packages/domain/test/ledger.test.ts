import { type EntryKey, entryId } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";

const key: EntryKey = { kind: "refund", account: null, livemode: true, objectId: "re_1" };

describe("The id of an entry", () => {
  it("is the same for the same key", () => {
    expect(entryId(key)).to.equal(entryId({ ...key }));
  });

  it("differs with each part of the key", () => {
    const others: EntryKey[] = [
      { ...key, kind: "refund_reversal" },
      { ...key, account: "acct_1" },
      { ...key, livemode: false },
      { ...key, objectId: "re_2" },
      { ...key, keyEvent: "evt_1" },
    ];
    expect(new Set([key, ...others].map(entryId)).size).to.equal(6);
  });

  it("cannot be made equal by moving characters from one part to the next", () => {
    const one = entryId({ ...key, account: "acct_1", objectId: "re_1" });
    expect(entryId({ ...key, account: "acct_1true", objectId: "re_1" })).not.to.equal(one);
  });
});
