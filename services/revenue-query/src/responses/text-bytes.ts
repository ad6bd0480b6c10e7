/** Text that grows at its end, kept as the bytes that are sent. */
export type TextBytes = {
  readonly append: (text: string) => void;
  /** All that was appended, in UTF-8. Nothing may be appended afterwards. */
  readonly bytes: () => Buffer;
};

/** No character of UTF-16 takes more in UTF-8. */
const maxBytesPerUnit = 3;

/**
 * Collects text that is too long to be put together as one string first: pieces of some kilobytes are written where
 * they stay, and are garbage at once.
 * @param expected how many bytes are expected; more are not an error
 */
export function createTextBytes(expected: number): TextBytes {
  let buffer = Buffer.allocUnsafe(expected);
  let length = 0;
  return {
    append(text) {
      const needed = length + text.length * maxBytesPerUnit;
      if (needed > buffer.length) {
        const larger = Buffer.allocUnsafe(needed * 2);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      length += buffer.write(text, length);
    },
    bytes: () => buffer.subarray(0, length),
  };
}
