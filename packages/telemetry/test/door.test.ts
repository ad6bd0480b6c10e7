import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { openDoor } from "../src/door.ts";
import { samplerFrom } from "../src/sampler.ts";

const request = { headers: {} };
const samplerOf = (ratio: number): ReturnType<typeof samplerFrom> =>
  samplerFrom({ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: String(ratio) });

describe("the door before the instrumentation of requests", () => {
  it("lets as many in as the sampler keeps", () => {
    const door = openDoor(samplerOf(0.25));
    const kept = Array.from({ length: 4_000 }, () => door.turnAway(request)).filter(
      (turned) => turned === undefined,
    );
    expect(kept.length).to.be.within(800, 1_200);
  });

  it("gives whom it lets in the trace id by which the sampler decides the same", () => {
    const sampler = samplerOf(0.25);
    const door = openDoor(sampler);
    const decisions = Array.from({ length: 400 }, () => door.turnAway(request))
      .filter((turned) => turned === undefined)
      .map(() => {
        while (door.turnAway(request) !== undefined);
        return sampler.shouldSample(ROOT_CONTEXT, door.ids.generateTraceId(), "", SpanKind.SERVER, {}, []);
      });
    expect(decisions.length).to.be.above(40);
    expect(new Set(decisions.map(({ decision }) => decision))).to.deep.equal(
      new Set([SamplingDecision.RECORD_AND_SAMPLED]),
    );
  });

  it("uses a trace id once", () => {
    const door = openDoor(samplerOf(1));
    door.turnAway(request);
    expect(door.ids.generateTraceId()).not.to.equal(door.ids.generateTraceId());
  });

  it("gives whom it turns away ids of a trace that is not sampled, which nobody else gets", () => {
    const door = openDoor(samplerOf(0));
    const away = door.turnAway(request);
    const ids = trace.getSpanContext(away ?? ROOT_CONTEXT);
    expect(ids?.traceFlags).to.equal(TraceFlags.NONE);
    expect(ids?.traceId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.to.equal(door.ids.generateTraceId());
  });
});
