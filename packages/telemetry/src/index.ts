export type { BatchSpans, Consumed, Publishing } from "./spans.ts";
export { endTracing } from "./flush.ts";
export { sampledTraceId } from "./sampled-trace.ts";
export { inTraceOf, processSpans, publishSpan, recordProblem } from "./spans.ts";
