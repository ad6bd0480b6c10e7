import { expect } from "chai";
import { describe, it } from "mocha";
import { createRateLimit } from "../../src/balance/rate-limit.ts";
import { requestStripe } from "../../src/balance/stripe-request.ts";
import { retryingRequest } from "../../src/balance/retrying-request.ts";

const request = { path: "/v1/payouts", query: {}, account: null };
const stopping = new AbortController().signal;

/** Sends a request that gets these statuses in order, with a `Retry-After`. */
function sendTo(statuses: readonly number[], retryAfter: string) {
  const left = [...statuses];
  const headers = new Headers({ "retry-after": retryAfter });
  return {
    limit: createRateLimit(25),
    stopping,
    send: async () => ({ status: left.shift() ?? 200, headers, body: {} }),
  };
}

describe("a request that is repeated", () => {
  it("does not count the time in which Stripe limits the rate as failing", async () => {
    const options = { ...sendTo([429, 500], "0.6"), maxFailingMs: 400 };
    expect(await retryingRequest(request, options)).to.include({ status: 200 });
  });

  it("does not count the pause that another request caused as failing", async () => {
    const options = { ...sendTo([500], ""), maxFailingMs: 400 };
    options.limit.pauseFor(600);
    expect(await retryingRequest(request, options)).to.include({ status: 200 });
  });

  it("counts failures before and after a limited rate", async () => {
    const options = { ...sendTo([500, 429, 500, 429, 500, 500], "0"), maxFailingMs: 400 };
    expect(await retryingRequest(request, options).catch(String)).to.match(/did not answer/);
  });

  it("is not sent with a key that cannot be sent, which the error does not show", async () => {
    const access = { apiKey: "rk_test_first\nrk_test_second", apiUrl: new URL("http://127.0.0.1:1") };
    const error = await retryingRequest(request, {
      limit: createRateLimit(25),
      stopping,
      send: (one) => requestStripe(access, one, stopping),
    }).catch((error: unknown) => error);
    expect(error).to.include({ code: "invalid" });
    expect(String(error)).to.contain("check the API key").and.to.not.contain("first");
  });

  it("never shows the message of an error without a cause, which may have the key", async () => {
    const options = {
      ...sendTo([], ""),
      maxFailingMs: 0,
      send: () => Promise.reject(new TypeError("Bearer rk_test_first is not allowed")),
    };
    expect(await retryingRequest(request, options).catch(String)).to.match(/did not answer .*\(TypeError\)/);
  });

  it("waits for fractions of a second", async () => {
    const startedAt = performance.now();
    await retryingRequest(request, sendTo([429], "0.6"));
    expect(performance.now() - startedAt).to.be.above(590);
  });
});
