/** In characters of up to four bytes each, well below the 2,704 bytes that fit into an index entry. */
const maxLength = 500;

/** A text that PostgreSQL accepts, without NUL and lone surrogates. What is replaced is still in the payload. */
export function wellFormedText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{FFFD}");
}

/**
 * A text that a column can hold: PostgreSQL accepts neither NUL nor lone surrogates in text, and limits the size of index
 * entries. What is replaced or cut is still in the payload.
 */
export function storableText(text: string): string {
  const wellFormed = wellFormedText(text);
  return wellFormed.length <= maxLength ? wellFormed : `${wellFormed.slice(0, maxLength).toWellFormed()}…`;
}
