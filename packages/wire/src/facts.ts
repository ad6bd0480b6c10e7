import { z } from "zod";

// The kinds of value that Stripe's objects are made of. Each schema accepts exactly what Takings relies on.

const largest = 2n ** 63n - 1n;

/** A JSON integer, exact, within what the database can hold; never a text that looks like one. */
export const signedAmount: Fact<bigint> = z
  .union([z.bigint(), z.number().refine(Number.isSafeInteger).transform(BigInt)])
  .refine((value) => value >= -largest && value <= largest);

export const amount: Fact<bigint> = signedAmount.refine((value) => value >= 0n);

export const currency: Fact<string> = z.string().regex(/^[a-z]{3}$/);

/** An id, free of white space and of what could not be shown in a URL, a log line or a database column. */
export const id: Fact<string> = z.string().regex(/^[^\s\p{C}]{1,255}$/u);

/** A reference to another object: its id, or the object itself where it was expanded. */
export const reference: Fact<string> = z.union([id, z.object({ id }).transform((object) => object.id)]);

export const account: Fact<string> = z.string().regex(/^[\w-]{1,255}$/);

/** What PostgreSQL, a `Date` and our own range have in common; what is outside is no time of a payment. */
const lastSecond = Date.UTC(9999, 11, 31) / 1000;

/** Unix seconds in snapshot events, RFC 3339 in thin ones. */
export const time: Fact<Date> = z
  .union([
    z.int().transform((seconds) => new Date(seconds * 1000)),
    z.iso.datetime({ offset: true }).transform((written) => new Date(written)),
  ])
  // By the instant and not by how it is written: an offset leads out of a year that looks harmless.
  .refine((instant) => instant.getTime() >= 0 && instant.getTime() <= lastSecond * 1000);

export const text: Fact<string> = z.string();

/** One of the names that Stripe gives to a status, a reason or a category; never a text of a person. */
export const word: Fact<string> = z.string().regex(/^[\w.-]{1,100}$/);

export const flag: Fact<boolean> = z.boolean();

export type Fact<T> = z.ZodType<T>;

/** The value as the fact it should be, or `undefined` when it is missing or something else. */
export function read<T>(fact: Fact<T>, value: unknown): T | undefined {
  // Most often a fact is missing because it is not there, and a schema takes far longer to say so.
  return value === undefined || value === null ? undefined : fact.safeParse(value).data;
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
