import type { Writable } from "node:stream";

/** Prints the services' output, each line after the service's name. */
export interface TerminalOutput {
  /** A sink for one service's output. */
  forService(name: string): (chunk: Buffer) => void;
}

/** With more bytes buffered, the reader has stopped reading: further lines are only in the log files. */
const maxBufferedBytes = 1024 * 1024;
const quiet = /"level":(?:"(?:trace|debug|info)"|[123]0\b)/;

/** Unless `verbose`, lines of level info and below are only in the log files. */
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
