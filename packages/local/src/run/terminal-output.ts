import type { Writable } from "node:stream";

/** Shows what the services say, each line after the service's name. */
export interface TerminalOutput {
  /** A sink for one service's output. */
  forService(name: string): (chunk: Buffer) => void;
}

/** More waiting than this, and the reader has stopped reading: then lines are left out, the log files have them. */
const maxBufferedBytes = 1024 * 1024;
const quiet = /"level":(?:"(?:trace|debug|info)"|[123]0\b)/;

/** With `verbose` unset, lines of pino's level info and below are left to the log files. */
export function createTerminalOutput(out: Writable, verbose: boolean): TerminalOutput {
  function show(name: string, line: string): void {
    if (line === "" || out.writableLength > maxBufferedBytes) return;
    if (verbose || !quiet.test(line.slice(0, 200))) out.write(`${name.padEnd(13)} | ${line}\n`);
  }
  return {
    forService(name) {
      let rest = "";
      return (chunk) => {
        const lines = (rest + chunk.toString("utf8")).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) show(name, line);
      };
    },
  };
}
