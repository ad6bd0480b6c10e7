import { readFileSync } from "node:fs";
import {
  constants,
  createZstdCompress,
  type ZstdCompress,
  type ZstdOptions,
  zstdDecompressSync,
} from "node:zlib";

/** The bytes in the column `payload`, and the number of the way in which they were made from a body. */
export type StoredPayload = { readonly codec: number; readonly bytes: Uint8Array };

/** Makes bodies small, each by itself, and gives them back byte for byte. */
export type PayloadCodec = {
  /** The stored form of each body, in their order; one that would not shrink is stored as it is. */
  encode(bodies: readonly Uint8Array[]): Promise<readonly StoredPayload[]>;
  /** The body. @throws Error when the bytes are damaged, or of a codec that this version does not know. */
  decode(stored: StoredPayload): Buffer;
};

// The numbers are stored with every row: never change what one means. A better dictionary gets the next number,
// and the older ones stay readable beside it.
const raw = 0;
const zstdWithDictionary1 = 1;

const dictionary1 = new URL("../dictionaries/stripe-events-1.zdict", import.meta.url);

/** Measured: the next level takes half as much time again for 2 % less. */
const level = 5;
/** Far above any body that can be received; what claims to become more than this is damaged or hostile. */
const maxBodyBytes = 8 * 1024 * 1024;

/** As many as the threads that Node has for such work; a lane shorter than this is not worth a dictionary. */
const maxLanes = 4;
const minLaneLength = 50;

const frames: ZstdOptions & { readonly highWaterMark: number } = {
  // Every write ends a frame, and there is room for the largest, so that it can be read once the write is done.
  flush: constants.ZSTD_e_end,
  highWaterMark: 2 * maxBodyBytes,
  params: {
    [constants.ZSTD_c_compressionLevel]: level,
    // The column names the dictionary, and a checksum tells damage from content.
    [constants.ZSTD_c_dictIDFlag]: 0,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
};

/** Loads the dictionary; make one codec and keep it. @throws Error when the dictionary's file cannot be read. */
export function createPayloadCodec(): PayloadCodec {
  const dictionary = readFileSync(dictionary1);
  const spare: ZstdCompress[] = [];
  return {
    async encode(bodies) {
      const lanes = lanesOf(bodies).map(async (lane) => {
        const stream = spare.pop() ?? openStream(dictionary);
        const stored = await compress(lane, stream);
        spare.push(stream);
        return stored;
      });
      return (await Promise.all(lanes)).flat();
    },
    decode({ codec, bytes }) {
      switch (codec) {
        case raw:
          return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        case zstdWithDictionary1:
          return zstdDecompressSync(bytes, { dictionary, maxOutputLength: maxBodyBytes });
        default:
          throw new Error(`payload_codec ${codec} is not known to this version: run a newer one`);
      }
    },
  };
}

/** Shares the bodies of a large batch out, so that they are worked on side by side where there are processors. */
function lanesOf(bodies: readonly Uint8Array[]): (readonly Uint8Array[])[] {
  const length = Math.max(minLaneLength, Math.ceil(bodies.length / maxLanes));
  const starts = Array.from({ length: Math.ceil(bodies.length / length) }, (_, lane) => lane * length);
  return starts.map((start) => bodies.slice(start, start + length));
}

/**
 * A stream works beside the main thread. It makes the frames of many bodies, because taking in the dictionary costs ten
 * times what compressing an event with it does.
 */
function openStream(dictionary: Buffer): ZstdCompress {
  const stream = createZstdCompress({ ...frames, dictionary });
  // A failure reaches the write that it belongs to; unheard, it would also end the process.
  return stream.on("error", () => {});
}

/** The stored forms of bodies, one after the other; a stream that fails is of no use any more. */
async function compress(bodies: readonly Uint8Array[], stream: ZstdCompress): Promise<StoredPayload[]> {
  try {
    const stored: StoredPayload[] = [];
    for (const body of bodies) stored.push(await encodeBody(body, stream));
    return stored;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function encodeBody(body: Uint8Array, stream: ZstdCompress): Promise<StoredPayload> {
  const asItIs = { codec: raw, bytes: body };
  if (body.byteLength > maxBodyBytes) return asItIs;
  await new Promise<void>((resolve, reject) => {
    stream.write(body, (error) => (error ? reject(error) : resolve()));
  });
  const frame: unknown = stream.read();
  if (!(frame instanceof Uint8Array) || frame.byteLength >= body.byteLength) return asItIs;
  return { codec: zstdWithDictionary1, bytes: frame };
}
