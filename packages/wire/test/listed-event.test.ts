import { listedEvent } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";

const at = 1_780_000_000;

describe("An event as Stripe's API lists it", () => {
  const listed = {
    id: "evt_1",
    type: "refund.created",
    created: at,
    data: { object: { id: "re_1", amount: 5 } },
  };

  it("is serialized as it is", () => {
    expect(JSON.parse(listedEvent(listed, null)?.body.toString() ?? "")).to.deep.equal(listed);
  });

  it("names the connected account that it was listed for, where its body does not", () => {
    const named = (event: object): unknown => JSON.parse(listedEvent(event, "acct_1")?.body.toString() ?? "");
    expect(named(listed)).to.include({ account: "acct_1" });
    expect(named({ ...listed, account: "acct_2" })).to.include({ account: "acct_2" });
  });

  it("is undefined when a number may have lost digits, or it is not an event", () => {
    const object = JSON.parse('{"id":"re_1","amount":9007199254740993}') as object;
    expect(listedEvent({ ...listed, data: { object } }, null)).to.equal(undefined);
    expect(listedEvent({ ...listed, id: "re_1" }, null)).to.equal(undefined);
    expect(listedEvent({ ...listed, created: "soon" }, null)).to.equal(undefined);
  });
});
