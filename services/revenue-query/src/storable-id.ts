/** Longer than any id that is ever stored. */
const maxIdLength = 500;

/** Whether a text could be the id of something stored. PostgreSQL refuses NUL, and then nothing has that id. */
export function isStorableId(text: string): boolean {
  return text.length > 0 && text.length <= maxIdLength && !text.includes("\0") && text.isWellFormed();
}
