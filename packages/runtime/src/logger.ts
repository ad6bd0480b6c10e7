import { isSpanContextValid, trace } from "@opentelemetry/api";
import { pino } from "pino";
import type { LogLevel } from "./config.ts";

export type Logger = pino.Logger;

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
  return pino(settings, stdoutByTurns());
}

/**
 * Writes what was logged during one turn of the event loop at its end, in one call: a call for each line costs more
 * than all the rest of an event. It is never left to the background, where the last lines of a process that ends
 * would be lost; one that is killed loses those of its last turn.
 */
function stdoutByTurns(): pino.DestinationStream {
  const stdout = pino.destination({ dest: 1, sync: true });
  let lines = "";
  const write = (): void => {
    process.off("exit", write);
    const text = lines;
    lines = "";
    stdout.write(text);
  };
  return {
    write(line) {
      if (lines === "") {
        setImmediate(write);
        process.once("exit", write);
      }
      lines += line;
    },
  };
}

function traceIds(): object {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || !isSpanContextValid(context)) return {};
  return { trace_id: context.traceId, span_id: context.spanId };
}
