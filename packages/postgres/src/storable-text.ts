/** Well under the 2,704 bytes that fit into an index, at up to four bytes a character. */
const longest = 500;

/**
 * A text that a column can hold: PostgreSQL's text knows neither NUL nor lone surrogates, and an index entry has
 * a largest size. What is replaced or cut here is still whole in the payload.
 */
export function storableText(text: string): string {
  const wellFormed = text.toWellFormed().replaceAll("\0", "\u{FFFD}");
  return wellFormed.length <= longest ? wellFormed : `${wellFormed.slice(0, longest).toWellFormed()}…`;
}
