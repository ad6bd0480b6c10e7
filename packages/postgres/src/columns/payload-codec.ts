import { readFileSync } from "node:fs";
import {
  constants,
  createZstdCompress,
  type ZstdCompress,
  type ZstdOptions,
  zstdDecompressSync,
} from "node:zlib";

/** The columns `payload` and `payload_codec`: the bytes, and how they encode a body. */
export type StoredPayload = { readonly codec: number; readonly bytes: Uint8Array };

/** Compresses bodies, each separately, and restores them byte for byte. */
export type PayloadCodec = {
  /** The stored form of each body, in the same order. A body that would not shrink is stored as it is. */
  encode(bodies: readonly Uint8Array[]): Promise<readonly StoredPayload[]>;
  /** Restores a body. @throws Error when the bytes are damaged, or of a codec that this version does not know. */
  decode(stored: StoredPayload): Buffer;
};

// The numbers are stored with every row, so their meaning must never change. A better dictionary gets the next number;
// the older ones stay readable.
const raw = 0;
const zstdWithDictionary1 = 1;

const dictionary1 = new URL("../../dictionaries/stripe-events-1.zdict", import.meta.url);

/** The next level takes 1.5 times as long for 2 % less (measured). */
const level = 5;
/** Far above any body that can be received. A frame that claims to be larger is damaged or hostile. */
const maxBodyBytes = 8 * 1024 * 1024;

/** Node has four threads for compression. A shorter lane is not worth loading a dictionary. */
const maxLanes = 4;
const minLaneLength = 50;

const frames: ZstdOptions & { readonly highWaterMark: number } = {
  // Every write ends a frame. The buffer has room for the largest, so the frame can be read when the write is done.
  flush: constants.ZSTD_e_end,
  highWaterMark: 2 * maxBodyBytes,
  params: {
    [constants.ZSTD_c_compressionLevel]: level,
    // The column identifies the dictionary. The checksum detects damage.
    [constants.ZSTD_c_dictIDFlag]: 0,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
};

/** Loads the dictionary, so create one codec and keep it. @throws Error when the dictionary cannot be read. */
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

/** Divides the bodies of a large batch into lanes that are compressed in parallel. */
function lanesOf(bodies: readonly Uint8Array[]): (readonly Uint8Array[])[] {
  const length = Math.max(minLaneLength, Math.ceil(bodies.length / maxLanes));
  const starts = Array.from({ length: Math.ceil(bodies.length / length) }, (_, lane) => lane * length);
  return starts.map((start) => bodies.slice(start, start + length));
}

/**
 * A stream compresses outside the main thread. It is reused for many bodies, because loading the dictionary costs ten
 * times as much as compressing an event.
 */
function openStream(dictionary: Buffer): ZstdCompress {
  const stream = createZstdCompress({ ...frames, dictionary });
  // A failure is reported to its write. Without a listener it would also end the process.
  return stream.on("error", () => {});
}

/** The stored forms of bodies, one after the other. Destroys a stream that fails. */
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
