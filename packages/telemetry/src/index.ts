export type { BatchSpans, ConsumedMessage, PublishedMessage } from "./spans.ts";
export { endTracing } from "./end-tracing.ts";
export { sampledTraceId } from "./sampled-trace.ts";
export { inTraceOf, processSpans, publishSpan, recordFailure } from "./spans.ts";
