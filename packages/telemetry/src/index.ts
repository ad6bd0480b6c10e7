export type { BatchSpans, Consumed, Publishing } from "./spans.ts";
export { endTracing } from "./flush.ts";
export { processSpans, publishSpan } from "./spans.ts";
