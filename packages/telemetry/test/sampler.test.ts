import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { samplerFrom } from "../src/sampler.ts";

const ofHalf = "80000000000000000000000000000000";
const parent = { traceId: ofHalf, spanId: "1".repeat(16), isRemote: true };

function isSampled(env: Record<string, string>, parentFlags?: number, attributes = {}): boolean {
  const context =
    parentFlags === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { ...parent, traceFlags: parentFlags });
  const kind = SpanKind.INTERNAL;
  const { decision } = samplerFrom(env).shouldSample(context, ofHalf, "n", kind, attributes, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

describe("the sampler", () => {
  const named = (name: string, argument = ""): Record<string, string> => ({
    OTEL_TRACES_SAMPLER: name,
    OTEL_TRACES_SAMPLER_ARG: argument,
  });

  it("samples every trace by default", () => {
    expect(isSampled({})).to.equal(true);
  });

  it("implements the standard variables, parent-based ones included", () => {
    expect(isSampled(named("always_off"))).to.equal(false);
    expect(isSampled(named("always_on"), 0)).to.equal(true);
    expect(isSampled(named("parentbased_always_on"), 0)).to.equal(false);
    expect(isSampled(named("parentbased_always_off"), 1)).to.equal(true);
    expect(isSampled(named("traceidratio", "0"))).to.equal(false);
    expect(isSampled(named("parentbased_traceidratio", "0"))).to.equal(false);
    expect(isSampled(named("parentbased_traceidratio", "1"))).to.equal(true);
    expect(isSampled(named("parentbased_traceidratio", "0"), 1)).to.equal(true);
  });

  it("treats an invalid ratio as 1, as the SDK does", () => {
    for (const nonsense of ["", "2", "-1", "x"]) {
      expect(isSampled(named("traceidratio", nonsense)), nonsense).to.equal(true);
    }
  });

  it("samples marked spans, whatever is configured", () => {
    expect(isSampled(named("always_off"), 0, { "sampling.priority": 1 })).to.equal(true);
    expect(isSampled(named("always_off"), 0, { "sampling.priority": 0 })).to.equal(false);
  });
});
