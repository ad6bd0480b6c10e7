import { z } from "zod";

// The kinds of value that Stripe's objects are made of. Each gives a value back exactly where Takings can rely on it.
// They are plain functions because each event is asked for dozens of them.

/** The value as the fact it should be, or `undefined` when it is something else. */
export type Fact<T> = (value: unknown) => T | undefined;

const largest = 2n ** 63n - 1n;

/** A JSON integer, exact, within what the database can hold; never a text that looks like one. */
export const signedAmount: Fact<bigint> = (value) => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "bigint" && value >= -largest && value <= largest ? value : undefined;
};

export const amount: Fact<bigint> = (value) => {
  const signed = signedAmount(value);
  return signed !== undefined && signed >= 0n ? signed : undefined;
};

export const currency: Fact<string> = like(/^[a-z]{3}$/);

/** An id, free of white space and of what could not be shown in a URL, a log line or a database column. */
export const id: Fact<string> = like(/^[^\s\p{C}]{1,255}$/u);

/** A reference to another object: its id, or the object itself where it was expanded. */
export const reference: Fact<string> = (value) =>
  id(typeof value === "string" ? value : properties(value)["id"]);

export const account: Fact<string> = like(/^[\w-]{1,255}$/);

/** What PostgreSQL, a `Date` and our own range have in common; what is outside is no time of a payment. */
const lastMs = Date.UTC(9999, 11, 31);
const rfc3339 = z.iso.datetime({ offset: true });

/** Unix seconds in snapshot events, RFC 3339 in thin ones. */
export const time: Fact<Date> = (value) => {
  const ms = Number.isSafeInteger(value) ? Number(value) * 1_000 : msOf(rfc3339.safeParse(value).data);
  // By the instant and not by how it is written: an offset leads out of a year that looks harmless.
  return ms !== undefined && ms >= 0 && ms <= lastMs ? new Date(ms) : undefined;
};

function msOf(written: string | undefined): number | undefined {
  return written === undefined ? undefined : Date.parse(written);
}

export const text: Fact<string> = (value) => (typeof value === "string" ? value : undefined);

/** One of the names that Stripe gives to a status, a reason or a category; never a text of a person. */
export const word: Fact<string> = like(/^[\w.-]{1,100}$/);

export const flag: Fact<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

function like(pattern: RegExp): Fact<string> {
  return (value) => (typeof value === "string" && pattern.test(value) ? value : undefined);
}

/** The properties of an object; none for anything that is not one. */
export function properties(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** The items of a list object of Stripe's, or of a plain array; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  const items = Array.isArray(value) ? value : properties(value)["data"];
  return Array.isArray(items) ? items : [];
}
