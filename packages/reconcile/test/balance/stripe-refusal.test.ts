import { expect } from "chai";
import { describe, it } from "mocha";
import { refusalOf } from "../../src/balance/stripe-refusal.ts";

describe("a refusal of Stripe", () => {
  it("names the permission also where the code of the error is null", () => {
    const body = {
      error: { code: null, message: "Having the 'rak_payout_read' permission would allow this." },
    };
    const request = { path: "/v1/payouts", query: {}, account: null };
    const refusal = refusalOf(request, { status: 403, headers: new Headers(), body }, "rk_test_secret0fake");
    expect(refusal.message).to.contain("lacks the permission rak_payout_read (read access to payouts)");
  });
});
