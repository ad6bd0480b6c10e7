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
    serializers: { err: serializeError },
    mixin: traceIds,
  };
  return pino(settings, createLogStream());
}

/** The last three are the signed body and its signature in errors of the stripe library. */
const errorSecrets: ReadonlySet<string> = new Set(["authorization", "password", "header", "payload", "raw"]);
const secrets: ReadonlySet<string> = new Set(["authorization", "password", "stripe-signature"]);

/** Whatever was thrown, without its secrets. */
function serializeError(thrown: Error): unknown {
  const shown: unknown = pino.stdSerializers.err(thrown);
  return typeof shown === "object" && shown !== null ? without(errorSecrets, shown) : shown;
}

/**
 * The line without the secrets in its objects. pino's own redaction looks for each of its paths in each line, and lines of
 * events have no objects.
 */
function withoutSecrets(line: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(line).some(holdsSecret)) return line;
  return Object.fromEntries(
    Object.entries(line).map(([name, value]) => [name, holdsSecret(value) ? without(secrets, value) : value]),
  );
}

/** Errors are serialized on their own. */
function holdsSecret(value: unknown): value is object {
  if (typeof value !== "object" || value === null || value instanceof Error) return false;
  return Object.keys(value).some((name) => secrets.has(name));
}

function without(names: ReadonlySet<string>, value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
}

function traceIds(): object {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}
