/** A parsed JSON value whose whole numbers are `bigint`, exact at any size; only a fraction stays a `number`. */
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

/** A member of an object; `null` when it is absent, or when there is no object. */
export function member(value: Exact, key: string): Exact {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  return Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** The text, or `null` for anything else. */
export function textOf(value: Exact): string | null {
  return typeof value === "string" ? value : null;
}

/** The text of a member that every event has. Throws when it is missing. */
export function requiredText(value: Exact, key: string): string {
  const text = textOf(member(value, key));
  if (text === null) throw new Error(`${key} is missing or no text: this is no Stripe event`);
  return text;
}

/** The items of Stripe's list object, or of a plain list; none for anything else. */
export function itemsOf(value: Exact): readonly Exact[] {
  const items = Array.isArray(value) ? value : member(value, "data");
  return Array.isArray(items) ? items : [];
}
