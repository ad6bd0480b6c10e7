import { TextDecoder } from "node:util";
import { FileFault } from "./file-fault.ts";

const binary = "is not text; download the report as CSV";
const utf16 = "is UTF-16 text; save it as UTF-8, or download the report as CSV again";

/**
 * Decodes the bytes of a file as UTF-8, without a byte order mark.
 * @throws FileFault when they are anything else.
 */
export async function* decodeText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) requireUtf8Start(chunk);
    isFirst = false;
    if (chunk.includes(0)) throw new FileFault(binary);
    yield decode(decoder, chunk);
  }
  yield decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw new FileFault("is not UTF-8 text; download the report as CSV again");
  }
}

/** UTF-16 begins with a byte order mark, or has a zero byte in each of its first, Latin characters. */
function requireUtf8Start(chunk: Uint8Array): void {
  const [a, b, c, d] = chunk;
  const hasMark = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  if (hasMark || (a === 0 && b !== 0 && c === 0) || (a !== 0 && b === 0 && c !== 0 && d === 0))
    throw new FileFault(utf16);
}
