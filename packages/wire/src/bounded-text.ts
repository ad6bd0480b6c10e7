/** Longer than any event type of Stripe's. */
const maxLabelLength = 100;
const maxTextLength = 500;

/** An event type as a label, a log line or a span carries it: whoever sends it can be as long-winded as a body. */
export function labelOf(type: string): string {
  return cut(type, maxLabelLength);
}

/** Text that may hold something of a body, such as a reason, in a form that is safe to log and to put on a span. */
export function boundedText(text: string): string {
  return cut(text, maxTextLength);
}

function cut(text: string, maxLength: number): string {
  // Cut first: making a text of half a megabyte well-formed makes a copy of it.
  if (text.length <= maxLength) return text.toWellFormed();
  return `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}
