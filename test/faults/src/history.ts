import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * One line of the history. A request is written before its first byte leaves, a response before it is used for anything
 * else, so that the history holds even if the sender is killed.
 */
export type HistoryLine =
  /** Will be sent; `genuine` if Stripe could have sent it. */
  | { readonly what: "event"; readonly id: string; readonly genuine: boolean; readonly body: string }
  | { readonly what: "sent"; readonly id: string; readonly attempt: number }
  | {
      readonly what: "answered";
      readonly id: string;
      readonly attempt: number;
      /** 0 without a response. */
      readonly status: number;
      readonly ms: number;
      /** Why there was no response. */
      readonly error?: string;
    }
  | { readonly what: "note"; readonly text: string };

/** The oracle: what was sent and what was responded, in a file that outlives the process. */
export type History = {
  readonly path: string;
  write(line: HistoryLine): void;
  read(): HistoryLine[];
  close(): void;
};

/** Opens a history file to append to. */
export function openHistory(path: string): History {
  const file = openSync(path, "a", 0o600);
  return {
    path,
    write(line) {
      writeSync(file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);
    },
    read: () => [...linesOf(readFileSync(path))],
    close: () => closeSync(file),
  };
}

/** Line by line: the whole file may exceed the maximal length of a string. */
function* linesOf(content: Buffer): Generator<HistoryLine> {
  for (let start = 0; start < content.length; ) {
    const end = content.indexOf("\n", start);
    yield JSON.parse(content.toString("utf8", start, end)) as HistoryLine;
    start = end + 1;
  }
}
