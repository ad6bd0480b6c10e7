import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { isAlwaysSampled } from "./always-sampled.ts";

/**
 * The sampler that `OTEL_TRACES_SAMPLER` and its `_ARG` configure, by default of every trace, which in addition samples
 * spans that are marked as always sampled. The SDK reads the variables itself only when it is given no sampler.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function samplerFrom(env: Readonly<Record<string, string | undefined>>): Sampler {
  const configured = configuredSampler(
    env["OTEL_TRACES_SAMPLER"] ?? "",
    ratioIn(env["OTEL_TRACES_SAMPLER_ARG"]),
  );
  return {
    shouldSample(context, traceId, name, kind, attributes, links) {
      if (isAlwaysSampled(attributes)) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      return configured.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => `failures always, otherwise ${configured.toString()}`,
  };
}

function configuredSampler(name: string, ratio: number): Sampler {
  const root = name.endsWith("always_off")
    ? new AlwaysOffSampler()
    : name.endsWith("traceidratio")
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name === "" || name.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}

function ratioIn(text: string | undefined): number {
  const ratio = text === undefined || text === "" ? 1 : Number(text);
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
}
