import type { Socket } from "node:net";

/** Which way bytes go: `up` to the server, `down` to whoever connected. */
export type Direction = "up" | "down";

/** What becomes of the piece in which something was seen: sent on, lost without a trace, or the connection with it. */
export type ProxyAction = "pass" | "drop" | "cut";

/** Waits for bytes to pass. */
export type Watch = {
  readonly direction: Direction;
  /** At most 64. */
  readonly bytes: Buffer;
  readonly act: () => ProxyAction;
  readonly seen: () => void;
};

/** What a proxy does to what passes. */
export type ProxyFaults = {
  delayMs: number;
  silent: readonly Direction[];
  /** Pieces are cut into parts of at most so many bytes. */
  pieceBytes: number;
};

/** Two connections that are one to those at their ends. */
export type Connection = { readonly near: Socket; readonly far: Socket; hasGap: boolean };

/** This much of the last piece is enough to find what lies across two. */
const longestWatched = 64;

/** Sends on what comes from one end to the other, as the disturbance of the moment and the watches have it. */
export function forward(
  connection: Connection,
  direction: Direction,
  now: () => ProxyFaults,
  decide: (direction: Direction, text: Buffer) => ProxyAction | undefined,
): void {
  const { near, far } = connection;
  const [from, to] = direction === "up" ? [near, far] : [far, near];
  const isSilent = (): boolean => now().silent.includes(direction);
  let tail: Buffer = Buffer.alloc(0);
  from.on("data", (piece: Buffer) => {
    const text = Buffer.concat([tail, piece]);
    const action = decide(direction, text);
    tail = action === undefined ? text.subarray(-longestWatched) : Buffer.alloc(0);
    if (action === "cut") return sever(connection);
    if (action !== "drop" && !isSilent()) return send(from, to, piece, now());
    connection.hasGap = true;
  });
  // An end travels like data: behind what was sent before, and not at all where there is silence.
  from.on("end", () => {
    if (!isSilent()) after(now().delayMs, () => to.end());
  });
  from.on("close", () => {
    if (!isSilent()) after(now().delayMs, () => to.destroySoon());
  });
}

/** Ends both connections with a reset. */
export function sever({ near, far }: Connection): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}

function send(from: Socket, to: Socket, piece: Buffer, { delayMs, pieceBytes }: ProxyFaults): void {
  for (let start = 0; start < piece.byteLength; start += pieceBytes) {
    const part = piece.subarray(start, start + pieceBytes);
    after(delayMs, () => {
      if (to.destroyed || to.write(part)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
  }
}

function after(ms: number, act: () => void): void {
  if (ms === 0) act();
  else setTimeout(act, ms);
}
