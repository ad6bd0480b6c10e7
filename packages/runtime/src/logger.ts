import { isSpanContextValid, trace } from "@opentelemetry/api";
import { pino } from "pino";
import type { LogLevel } from "./config.ts";

export type Logger = pino.Logger;

/**
 * Written before the call returns: in the background the last lines of a process that ends would come out of
 * order, and those of a process that is killed not at all.
 */
const stdout = { dest: 1, sync: true };

/**
 * JSON lines on stdout, each with the trace and span it belongs to. Secrets that ride on errors of the stripe
 * library or on request headers are removed before they can be written.
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
