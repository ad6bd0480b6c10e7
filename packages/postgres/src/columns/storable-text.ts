/** In characters of up to four bytes each, well below the 2,704 bytes that fit into an index entry. */
const maxLength = 500;

/**
 * A text that a column can hold: PostgreSQL accepts neither NUL nor lone surrogates in text, and limits the size of index
 * entries. What is replaced or cut is still in the payload.
 */
export function storableText(text: string): string {
  const wellFormed = text.toWellFormed().replaceAll("\0", "\u{FFFD}");
  return wellFormed.length <= maxLength ? wellFormed : `${wellFormed.slice(0, maxLength).toWellFormed()}…`;
}
