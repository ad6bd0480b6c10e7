import { expect } from "chai";
import { describe, it } from "mocha";
import { createAdmission, type Admission, type Reservation } from "../src/admission.ts";

type Body = Reservation & { readonly gaveWay: () => boolean };

/** A body of which these bytes arrive. */
function arrive(admission: Admission, bytes: number, client?: string): Body & { readonly fits: boolean } {
  const reservation = admission.open(client);
  let gaveWay = false;
  reservation.onGiveWay(() => {
    gaveWay = true;
  });
  return { ...reservation, gaveWay: () => gaveWay, fits: reservation.take(bytes) };
}

describe("bodies that are arriving", () => {
  it("give way in the order of their first bytes, and no more of them than necessary", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const bodies = [arrive(admission, 40), arrive(admission, 40), arrive(admission, 20)];
    expect(arrive(admission, 50).fits).to.equal(true);
    expect(bodies.map(({ gaveWay }) => gaveWay())).to.deep.equal([true, true, false]);
  });

  it("are refused more memory themselves when they have been arriving longest", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const oldest = arrive(admission, 60);
    const newer = arrive(admission, 40);
    expect(oldest.take(10)).to.equal(false);
    expect(newer.gaveWay()).to.equal(false);
  });

  it("do not give way to a body that is too large without them", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const small = arrive(admission, 10);
    expect(arrive(admission, 101).fits).to.equal(false);
    expect(small.gaveWay()).to.equal(false);
  });

  it("have all memory that complete ones leave", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const complete = arrive(admission, 60);
    complete.begin();
    expect(arrive(admission, 41).fits).to.equal(false);
    expect(arrive(admission, 40).fits).to.equal(true);
    expect(complete.gaveWay()).to.equal(false);
    complete.release();
    expect(arrive(admission, 100).fits).to.equal(true);
  });

  it("do not keep others from being admitted", () => {
    const admission = createAdmission({ requests: 1, bytes: 100 });
    arrive(admission, 100);
    expect(admission.admits(100)).to.equal(true);
  });

  it("release their memory once, whether they gave way before or not", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const first = arrive(admission, 100, "a");
    const second = arrive(admission, 100, "b");
    expect(first.gaveWay()).to.equal(true);
    first.release();
    second.release();
    expect(arrive(admission, 100).fits).to.equal(true);
    expect(arrive(admission, 101).fits).to.equal(false);
  });

  it("of one client give way to each other beyond a quarter of the memory, and not those of others", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const other = arrive(admission, 20, "other");
    const own = [arrive(admission, 10, "greedy"), arrive(admission, 10, "greedy")];
    expect(arrive(admission, 10, "greedy").fits).to.equal(true);
    expect([other, ...own].map(({ gaveWay }) => gaveWay())).to.deep.equal([false, true, false]);
  });

  it("of one client may be larger than its share when there is only one", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const only = arrive(admission, 60, "client");
    expect(only.take(40)).to.equal(true);
    only.release();
    expect(arrive(admission, 60, "client").fits).to.equal(true);
  });

  it("have no share when their client is unknown", () => {
    const admission = createAdmission({ requests: 10, bytes: 100 });
    const bodies = [arrive(admission, 50), arrive(admission, 50)];
    expect(bodies.map(({ gaveWay, fits }) => fits && !gaveWay())).to.deep.equal([true, true]);
  });
});
