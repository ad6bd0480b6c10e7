/** A parsed JSON value. Integers are `bigint`, exact at any size; other numbers are `number`. */
export type Exact =
  | null
  | boolean
  | number
  | bigint
  | string
  | Exact[]
  | { readonly [key: string]: Exact | undefined };

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Parses a body without rounding any number. */
export function parseExact(body: string): Exact {
  const exactly: Reviver = (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  return JSON.parse(body, exactly as (key: string, value: unknown) => unknown);
}

/** A member of an object; `null` if it is absent or the value is not an object. */
export function member(value: Exact, key: string): Exact {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  return Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** The string, or `null` for any other value. */
export function textOf(value: Exact): string | null {
  return typeof value === "string" ? value : null;
}

/** A required string member. Throws if it is missing. */
export function requiredText(value: Exact, key: string): string {
  const text = textOf(member(value, key));
  if (text === null) throw new Error(`${key} is missing or not a string: this is not a Stripe event`);
  return text;
}

/** The items of a Stripe list object or of an array; none for any other value. */
export function itemsOf(value: Exact): readonly Exact[] {
  const items = Array.isArray(value) ? value : member(value, "data");
  return Array.isArray(items) ? items : [];
}
