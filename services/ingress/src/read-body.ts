import type { IncomingMessage } from "node:http";

/** Why a body was not read; `status` is what to answer. */
export class BodyRefused extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: BodyRefused["status"], message: string) {
    super(message);
    this.name = "BodyRefused";
    this.status = status;
  }
}

/**
 * The body as it came, whatever its content type says, and never inflated: those bytes are what was signed.
 * @throws BodyRefused as soon as it is clear that the body is compressed (415), too long (413) or cut off (400),
 * not only when the rest of it has come.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { "content-encoding": coding = "identity", "content-length": announced = "0" } = request.headers;
  if (!["", "identity"].includes(coding.trim().toLowerCase()))
    throw new BodyRefused(415, `the body is coded as ${coding}`);
  if (Number(announced) > maxBytes) throw new BodyRefused(413, `a body of ${announced} bytes is announced`);

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  let length = 0;
  request.on("data", (piece: Buffer) => {
    length += piece.byteLength;
    if (length <= maxBytes) {
      pieces.push(piece);
      return;
    }
    // What still comes is read and dropped: a client that is cut off while it writes never sees the answer.
    pieces.length = 0;
    reject(new BodyRefused(413, `the body has more than ${maxBytes} bytes`));
  });
  const cutOff = (): void => reject(new BodyRefused(400, "the body did not arrive whole"));
  request.once("error", cutOff).once("close", cutOff);
  request.once("end", () => {
    // A stream closes after its end too, and an error that nobody gets costs more than reading the body did.
    request.off("close", cutOff);
    // A copy: a piece is cut from a far larger buffer, which would be held for as long as the event is.
    resolve(Buffer.concat(pieces));
  });
  return promise;
}
