/** Longer than any event type of Stripe's. */
const maxTypeLength = 100;
const maxTextLength = 500;

/** An event type, bounded for a metric's label, a log line or a span: a sender can make it as long as a body. */
export function boundedType(type: string): string {
  return truncate(type, maxTypeLength);
}

/** Text that may contain parts of a body, such as a reason, bounded and well-formed for a log line or a span. */
export function boundedText(text: string): string {
  return truncate(text, maxTextLength);
}

function truncate(text: string, maxLength: number): string {
  // Truncated first: making half a megabyte of text well-formed copies it.
  if (text.length <= maxLength) return text.toWellFormed();
  return `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}
