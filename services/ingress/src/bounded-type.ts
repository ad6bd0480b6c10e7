/** Stripe's own types have fewer than 70 characters. */
const maxLength = 128;

/** An event type for logs: whole, or where it is longer than any of Stripe's, its beginning and its length. */
export function boundedType(type: string): string {
  if (type.length <= maxLength) return type;
  return `${type.slice(0, maxLength).toWellFormed()}… (${type.length} characters)`;
}
