import type { IncomingMessage } from "node:http";

/** Why a body was not read; `status` is what to answer. */
export class BodyRefused extends Error {
  readonly status: 400 | 408 | 413 | 415 | 503;

  constructor(status: BodyRefused["status"], message: string) {
    super(message);
    this.name = "BodyRefused";
    this.status = status;
  }
}

export type ReadOptions = {
  readonly maxBytes: number;
  /** How long the body may take to come. */
  readonly withinMs: number;
  /** Takes room for a piece of it; `false` when there is none. */
  readonly take: (bytes: number) => boolean;
};

/** Each piece costs some hundred bytes beside its own, which nobody counts, so they are joined now and then. */
const maxPieces = 256;
/** And each costs a turn of the event loop. Whoever sends byte by byte may send an ordinary event, and no more. */
const maxSmallPieces = 16_384;
const smallBytes = 64;

/**
 * The body as it came, whatever its content type says, and never inflated: those bytes are what was signed.
 * @throws BodyRefused as soon as it is clear that the body is compressed (415), too long (413), too slow (408), cut off
 * (400) or finds no room (503), not only when the rest of it has come. Who sends it in crumbs is cut off without an answer.
 */
export async function readBody(request: IncomingMessage, options: ReadOptions): Promise<Buffer> {
  const { maxBytes, withinMs, take } = options;
  const { "content-encoding": coding = "identity", "content-length": announced = "0" } = request.headers;
  if (!["", "identity"].includes(coding.trim().toLowerCase()))
    throw new BodyRefused(415, `the body is coded as ${coding}`);
  if (Number(announced) > maxBytes) throw new BodyRefused(413, `a body of ${announced} bytes is announced`);

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let pieces: Buffer[] | undefined = [];
  let length = 0;
  let count = 0;
  // What still comes is read and dropped: a client that is cut off while it writes never sees the answer.
  const refuse = (status: BodyRefused["status"], message: string): void => {
    pieces = undefined;
    reject(new BodyRefused(status, message));
  };
  const slow = setTimeout(() => refuse(408, `the body took longer than ${withinMs} ms`), withinMs);
  request.on("data", (piece: Buffer) => {
    length += piece.byteLength;
    count += 1;
    // To read on would cost a thousand times what such a body is worth.
    if (count > maxSmallPieces && length < count * smallBytes) return void request.destroy();
    if (pieces === undefined) return;
    if (length > maxBytes) refuse(413, `the body has more than ${maxBytes} bytes`);
    else if (!take(piece.byteLength)) refuse(503, "there is no room for the body");
    else {
      pieces.push(piece);
      if (pieces.length > maxPieces) pieces = [Buffer.concat(pieces)];
    }
  });
  const cutOff = (): void => refuse(400, "the body did not arrive whole");
  request.once("error", cutOff).once("close", cutOff);
  request.once("end", () => {
    // A stream closes after its end too, and an error that nobody gets costs more than reading the body did.
    request.off("close", cutOff);
    // A copy: a piece is cut from a far larger buffer, which would be held for as long as the event is.
    if (pieces !== undefined) resolve(Buffer.concat(pieces));
    pieces = undefined;
  });
  return promise.finally(() => clearTimeout(slow));
}
