import { type EntryKey, entryId } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";

const key: EntryKey = {
  kind: "refund",
  source: "default",
  account: null,
  livemode: true,
  objectId: "re_1",
};

describe("The id of an entry", () => {
  it("is the same for the same key", () => {
    expect(entryId(key)).to.equal(entryId({ ...key }));
  });

  it("does not say that sources exist, for the default one", () => {
    // Ids of entries that were made before there were sources.
    expect(entryId(key)).to.equal("le_0df1e27f043290b97988020d62383d8a");
    expect(entryId({ ...key, account: "acct_1", keyEvent: "evt_1" })).to.equal(
      "le_8eade3cf97deff71b64df4368743f7c1",
    );
  });

  it("differs with each part of the key", () => {
    const others: EntryKey[] = [
      { ...key, kind: "refund_reversal" },
      { ...key, account: "acct_1" },
      { ...key, livemode: false },
      { ...key, objectId: "re_2" },
      { ...key, keyEvent: "evt_1" },
      { ...key, source: "shop-eu" },
      { ...key, source: "shop-eu", keyEvent: "evt_1" },
      { ...key, source: "shop-us" },
    ];
    expect(new Set([key, ...others].map(entryId)).size).to.equal(9);
  });

  it("cannot be made equal by moving characters from one part to the next", () => {
    const one = entryId({ ...key, account: "acct_1", objectId: "re_1" });
    expect(entryId({ ...key, account: "acct_1true", objectId: "re_1" })).not.to.equal(one);
  });
});
