import type { Socket } from "node:net";

/** Direction of bytes: `up` to the server, `down` to the client. */
export type Direction = "up" | "down";

/** What happens to the chunk with the watched bytes: forwarded, dropped, or the connection is reset. */
export type ProxyAction = "pass" | "drop" | "cut";

/** Waits until bytes pass. */
export type Watch = {
  readonly direction: Direction;
  /** At most 64. */
  readonly bytes: Buffer;
  readonly act: () => ProxyAction;
  readonly seen: () => void;
};

/** The active faults of a proxy. */
export type ProxyFaults = {
  delayMs: number;
  silent: readonly Direction[];
  /** The maximal size of a segment. */
  pieceBytes: number;
};

/** Two connections that are joined to one. */
export type Connection = { readonly near: Socket; readonly far: Socket; hasGap: boolean };

/** So much of the last chunk is kept to find bytes that span two. */
const longestWatched = 64;

/** Forwards bytes from one end to the other, subject to the active faults and watches. */
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
  // An end is forwarded like data: after what was sent before, and not at all while the direction is silenced.
  from.on("end", () => {
    if (!isSilent()) after(now().delayMs, () => to.end());
  });
  from.on("close", () => {
    if (!isSilent()) after(now().delayMs, () => to.destroySoon());
  });
}

/** Resets both connections. */
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
