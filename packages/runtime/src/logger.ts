import { isSpanContextValid, trace } from "@opentelemetry/api";
import { pino } from "pino";
import type { LogLevel } from "./config.ts";

export type Logger = pino.Logger;

/**
 * Lines are written before the call returns: written in the background, the last lines of a process that exits could be
 * out of order, and those of a process that is killed would be lost.
 */
const stdout = { dest: 1, sync: true };

/**
 * Logs JSON lines to stdout, each with its trace and span. Secrets in errors of the stripe library and in request headers
 * are removed.
 */
export function createLogger(options: { readonly service: string; readonly level: LogLevel }): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: traceIds,
    redact: {
      paths: [
        "err.header",
        "err.payload",
        "err.raw",
        "*.authorization",
        "*.password",
        'headers["stripe-signature"]',
      ],
      remove: true,
    },
  };
  return pino(settings, pino.destination(stdout));
}

function traceIds(): object {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}
