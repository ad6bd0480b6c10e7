/** Longer than any id that is ever stored. */
const maxIdLength = 500;

/** Whether a text can be the id of something stored. PostgreSQL rejects NUL characters, so no stored id has one. */
export function isStorableId(text: string): boolean {
  return text.length > 0 && text.length <= maxIdLength && !text.includes("\0") && text.isWellFormed();
}
