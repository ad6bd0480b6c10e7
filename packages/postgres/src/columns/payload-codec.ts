import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { constants, zstdDecompressSync } from "node:zlib";
import { ZstdCompress } from "minizlib";

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

/** After so many bytes, which take some 10 ms, other work of the process gets its turn. */
const bytesPerTurn = 1_048_576;

const frames = {
  // Every write ends a frame.
  flush: constants.ZSTD_e_end,
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
  // Kept for all bodies, because loading the dictionary costs ten times as much as compressing an event; and it compresses
  // at once, because handing a body to another thread and back costs twice as much.
  let compressor: ZstdCompress | undefined;
  const compress = (body: Uint8Array): Uint8Array | undefined => {
    const used = compressor ?? openCompressor(dictionary);
    // One that fails can compress nothing any more.
    compressor = undefined;
    used.write(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    const frame = used.read();
    compressor = used;
    return frame ?? undefined;
  };
  return {
    async encode(bodies) {
      const stored: StoredPayload[] = [];
      let bytes = 0;
      for (const body of bodies) {
        bytes += body.byteLength;
        if (bytes > bytesPerTurn) {
          await nextTurn();
          bytes = 0;
        }
        stored.push(encodeBody(body, compress));
      }
      return stored;
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

/** Its `write` throws when it fails. */
function openCompressor(dictionary: Buffer): ZstdCompress {
  // node:zlib gets all of these, though the types do not name the dictionary.
  const options = { ...frames, dictionary };
  return new ZstdCompress(options).on("error", (error) => {
    throw error;
  });
}

function encodeBody(body: Uint8Array, compress: (body: Uint8Array) => Uint8Array | undefined): StoredPayload {
  const asItIs = { codec: raw, bytes: body };
  if (body.byteLength > maxBodyBytes) return asItIs;
  const frame = compress(body);
  if (frame === undefined || frame.byteLength >= body.byteLength) return asItIs;
  return { codec: zstdWithDictionary1, bytes: frame };
}
