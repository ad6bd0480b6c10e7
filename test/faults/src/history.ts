import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * One line of the history. It is written before or after the fact that it tells of, never instead: a request is in the
 * file before its first byte leaves, an answer before anything else is done with it.
 */
export type HistoryLine =
  /** Something that is going to be sent; `genuine` is what Stripe could have sent. */
  | { readonly what: "event"; readonly id: string; readonly genuine: boolean; readonly body: string }
  | { readonly what: "sent"; readonly id: string; readonly attempt: number }
  | {
      readonly what: "answered";
      readonly id: string;
      readonly attempt: number;
      /** 0 where there was no answer. */
      readonly status: number;
      readonly ms: number;
      /** Why there was none, or that the sender itself went away. */
      readonly error?: string;
    }
  | { readonly what: "note"; readonly text: string };

/** The oracle: what was sent, and what was said to it, whatever becomes of the process that sends. */
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

/** One by one: all of them together may be longer than a string can be. */
function* linesOf(content: Buffer): Generator<HistoryLine> {
  for (let start = 0; start < content.length; ) {
    const end = content.indexOf("\n", start);
    yield JSON.parse(content.toString("utf8", start, end)) as HistoryLine;
    start = end + 1;
  }
}
