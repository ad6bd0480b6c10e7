import type { IncomingMessage } from "node:http";
import type { Reservation } from "./admission.ts";

/** A body was refused; `status` is that of the response. */
export class BodyRefused extends Error {
  readonly status: 400 | 408 | 413 | 415 | 503;

  constructor(status: BodyRefused["status"], message: string) {
    super(message);
    this.name = "BodyRefused";
    this.status = status;
  }
}

/** The limits for reading a body. */
export type ReadOptions = {
  readonly maxBytes: number;
  /** How long the body may take to arrive. */
  readonly withinMs: number;
  /** Where memory for the body is reserved. */
  readonly reservation: Pick<Reservation, "take" | "onGiveWay">;
};

/** Each chunk has an overhead of some hundred bytes, which is not counted, so chunks are joined after this many. */
const maxChunks = 256;
/** Each chunk also costs a turn of the event loop, so a client that sends byte by byte may send only an ordinary event. */
const maxSmallChunks = 16_384;
const smallBytes = 64;

/**
 * Reads the body as it was sent, whatever its content type, and never decompresses it: those bytes were signed.
 * @throws BodyRefused as soon as it is known that the body is compressed (415), too long (413), too slow (408), incomplete
 * (400), or that there is no memory for it, or for others (503), without waiting for the rest. A client that sends tiny
 * chunks is cut off without a response.
 */
export async function readBody(request: IncomingMessage, options: ReadOptions): Promise<Buffer> {
  const { maxBytes, withinMs, reservation } = options;
  const { "content-encoding": coding = "identity", "content-length": announced = "0" } = request.headers;
  if (!["", "identity"].includes(coding.trim().toLowerCase()))
    throw new BodyRefused(415, `the body has the content encoding ${coding}`);
  if (Number(announced) > maxBytes) throw new BodyRefused(413, `a body of ${announced} bytes is announced`);

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] | undefined = [];
  let length = 0;
  let count = 0;
  // The rest is read and dropped: a client that is cut off while it writes gets no response.
  const refuse = (status: BodyRefused["status"], message: string): void => {
    chunks = undefined;
    reject(new BodyRefused(status, message));
  };
  reservation.onGiveWay(() => refuse(503, "the body gave way to others"));
  const slow = setTimeout(() => refuse(408, `the body took longer than ${withinMs} ms`), withinMs);
  request.on("data", (chunk: Buffer) => {
    length += chunk.byteLength;
    count += 1;
    // Reading the rest would cost a thousand times as much as an ordinary body.
    if (count > maxSmallChunks && length < count * smallBytes) return void request.destroy();
    if (chunks === undefined) return;
    if (length > maxBytes) refuse(413, `the body has more than ${maxBytes} bytes`);
    else if (!reservation.take(chunk.byteLength)) refuse(503, "no memory is left for the body");
    else {
      chunks.push(chunk);
      if (chunks.length > maxChunks) chunks = [Buffer.concat(chunks)];
    }
  });
  const cutOff = (): void => refuse(400, "the body did not arrive completely");
  request.once("error", cutOff).once("close", cutOff);
  request.once("end", () => {
    // A stream also closes after its end; creating an error for that costs more than reading the body.
    request.off("close", cutOff);
    // A copy: a chunk is a slice of a far larger buffer, which would stay in memory as long as the event.
    if (chunks !== undefined) resolve(Buffer.concat(chunks));
    chunks = undefined;
  });
  return promise.finally(() => clearTimeout(slow));
}
