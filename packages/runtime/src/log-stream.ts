import { pino } from "pino";

/** With this pino says what level a line has, before it writes it: https://getpino.io/#/docs/api?id=pino-metadata */
const wantsMetadata = Symbol.for("pino.metadata");
type LogStream = pino.DestinationStream & { lastLevel: number; readonly [wantsMetadata]: true };

/** More is written at once. */
const bufferedLength = 8_192;
/** pino's number of the level `warn`. */
const warn = 40;

/**
 * Writes lines to stdout: warnings and errors before the call returns, others together at the end of the current turn of
 * the event loop, or when the process exits. For a batch of events that is one write instead of hundreds. Lines stay in
 * order. A process that is killed can lose what it logged in its last turn, below `warn`.
 */
export function createLogStream(): pino.DestinationStream {
  const stdout = pino.destination({ dest: 1, sync: true });
  let lines = "";
  let isDue = false;
  // Not by the destination's own buffer, which syncs the file each time that it is flushed.
  const flush = (): void => {
    process.off("exit", flush);
    isDue = false;
    if (lines !== "") stdout.write(lines);
    lines = "";
  };
  const stream: LogStream = {
    [wantsMetadata]: true,
    lastLevel: 0,
    write(line) {
      lines += line;
      if (stream.lastLevel >= warn || lines.length > bufferedLength) return flush();
      if (isDue) return;
      isDue = true;
      setImmediate(flush);
      process.once("exit", flush);
    },
  };
  return stream;
}
