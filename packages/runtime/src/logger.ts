import { isSpanContextValid, trace } from "@opentelemetry/api";
import { pino } from "pino";
import type { LogLevel } from "./config.ts";
import { createLogStream } from "./log-stream.ts";

export type Logger = pino.Logger;

/**
 * Logs JSON lines to stdout, each with its trace and span. Secrets in errors of the stripe library and in request headers
 * are removed. Lines are written at the end of the current turn of the event loop at the latest; see `log-stream.ts`.
 */
export function createLogger(options: { readonly service: string; readonly level: LogLevel }): Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: withoutSecrets },
    serializers: { err: withoutBody },
    mixin: traceIds,
  };
  return pino(settings, createLogStream());
}

const secretNames: ReadonlySet<string> = new Set(["authorization", "password", "stripe-signature"]);

/** Errors of the stripe library have the signed body and its signature. */
function withoutBody(err: Error): object {
  const { header: _header, payload: _payload, raw: _raw, ...shown } = pino.stdSerializers.err(err);
  return shown;
}

/**
 * The line without the secrets in its objects. pino's own redaction looks for each of its paths in each line, and lines of
 * events have no objects.
 */
function withoutSecrets(line: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(line).some(isNested)) return line;
  const shown = (value: unknown): unknown =>
    isNested(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => !secretNames.has(name)))
      : value;
  return Object.fromEntries(Object.entries(line).map(([name, value]) => [name, shown(value)]));
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Error);
}

function traceIds(): object {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}
