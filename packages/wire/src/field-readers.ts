import { z } from "zod";

// Readers of the fields of Stripe's objects. Each returns a value only if Takings can rely on it. They are plain
// functions because they are called dozens of times for each event.

/** Reads a field: its value as the expected type, or `undefined` when it is not valid. */
export type FieldReader<T> = (value: unknown) => T | undefined;

const largest = 2n ** 63n - 1n;

/** An exact JSON integer within the range of the database; never a string of digits. */
export const signedAmount: FieldReader<bigint> = (value) => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "bigint" && value >= -largest && value <= largest ? value : undefined;
};

/** A {@link signedAmount} that is zero or more. */
export const amount: FieldReader<bigint> = (value) => {
  const signed = signedAmount(value);
  return signed !== undefined && signed >= 0n ? signed : undefined;
};

/** A currency code: three letters in lower case. */
export const currency: FieldReader<string> = like(/^[a-z]{3}$/);

/** An id: without white space and control characters, so that it is safe in a URL, a log line and the database. */
export const id: FieldReader<string> = like(/^[^\s\p{C}]{1,255}$/u);

/** A reference to another object: its id, or the object itself where it was expanded. */
export const reference: FieldReader<string> = (value) =>
  id(typeof value === "string" ? value : properties(value)["id"]);

/** An account id. */
export const account: FieldReader<string> = like(/^[\w-]{1,255}$/);

/** The upper bound of times that PostgreSQL and `Date` both support; later ones are not times of payments. */
const lastMs = Date.UTC(9999, 11, 31);
const rfc3339 = z.iso.datetime({ offset: true });

/** Unix seconds in snapshot events, RFC 3339 in thin ones. */
export const time: FieldReader<Date> = (value) => {
  const ms = Number.isSafeInteger(value) ? Number(value) * 1_000 : msOf(rfc3339.safeParse(value).data);
  // The instant is compared, not the text: an offset can move it into another year.
  return ms !== undefined && ms >= 0 && ms <= lastMs ? new Date(ms) : undefined;
};

function msOf(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant);
}

/** Any text. */
export const text: FieldReader<string> = (value) => (typeof value === "string" ? value : undefined);

/** A name that Stripe gives to a status, a reason or a category; never a person's text. */
export const word: FieldReader<string> = like(/^[\w.-]{1,100}$/);

/** `true` or `false`. */
export const flag: FieldReader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

function like(pattern: RegExp): FieldReader<string> {
  return (value) => (typeof value === "string" && pattern.test(value) ? value : undefined);
}

/** The properties of an object; none for any other value. */
export function properties(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The items of a Stripe list object or of an array; none for any other value. */
export function list(value: unknown): readonly unknown[] {
  const items = Array.isArray(value) ? value : properties(value)["data"];
  return Array.isArray(items) ? items : [];
}
