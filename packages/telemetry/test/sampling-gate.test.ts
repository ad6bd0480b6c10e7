import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createSamplingGate } from "../src/sampling-gate.ts";
import { samplerFrom } from "../src/sampler.ts";

const request = { headers: {} };
const samplerOf = (ratio: number): ReturnType<typeof samplerFrom> =>
  samplerFrom({ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: String(ratio) });

describe("the gate before the instrumentation of requests", () => {
  it("lets as many requests be traced as the sampler samples", () => {
    const gate = createSamplingGate(samplerOf(0.25));
    const kept = Array.from({ length: 4_000 }, () => gate.unsampledContext(request)).filter(
      (turned) => turned === undefined,
    );
    expect(kept.length).to.be.within(800, 1_200);
  });

  it("assigns a traced request the trace id with which the sampler decides the same", () => {
    const sampler = samplerOf(0.25);
    const gate = createSamplingGate(sampler);
    const decisions = Array.from({ length: 400 }, () => gate.unsampledContext(request))
      .filter((turned) => turned === undefined)
      .map(() => {
        while (gate.unsampledContext(request) !== undefined);
        return sampler.shouldSample(ROOT_CONTEXT, gate.ids.generateTraceId(), "", SpanKind.SERVER, {}, []);
      });
    expect(decisions.length).to.be.above(40);
    expect(new Set(decisions.map(({ decision }) => decision))).to.deep.equal(
      new Set([SamplingDecision.RECORD_AND_SAMPLED]),
    );
  });

  it("uses a trace id once", () => {
    const gate = createSamplingGate(samplerOf(1));
    gate.unsampledContext(request);
    expect(gate.ids.generateTraceId()).not.to.equal(gate.ids.generateTraceId());
  });

  it("assigns other requests unique ids of a trace that is not sampled", () => {
    const gate = createSamplingGate(samplerOf(0));
    const away = gate.unsampledContext(request);
    const ids = trace.getSpanContext(away ?? ROOT_CONTEXT);
    expect(ids?.traceFlags).to.equal(TraceFlags.NONE);
    expect(ids?.traceId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.to.equal(gate.ids.generateTraceId());
  });
});
