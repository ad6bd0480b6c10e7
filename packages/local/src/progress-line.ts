import type { WriteStream } from "node:tty";

/** Shows how far something is: one line that is redrawn on a terminal, now and then a new line elsewhere. */
export interface Progress {
  show(text: string): void;
  /** Leaves the last state standing. */
  end(): void;
}

/** Progress on a stream. */
export function progressLine(out: WriteStream): Progress {
  const everyMs = out.isTTY ? 100 : 2_000;
  let shownAt = -Infinity;
  let latest = "";
  const draw = (): void => void out.write(out.isTTY ? `\r\u001b[2K${latest}` : `${latest}\n`);
  return {
    show(text) {
      latest = text;
      if (performance.now() - shownAt < everyMs) return;
      shownAt = performance.now();
      draw();
    },
    end() {
      draw();
      if (out.isTTY) out.write("\n");
    },
  };
}
