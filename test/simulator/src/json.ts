/** A JSON value to be written. Large amounts are `bigint`, so that none is rounded; `undefined` members are left out. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | Members;

/** The members of a JSON object. */
export type Members = { readonly [key: string]: Json | undefined };

/** Members that are null. @param names separated by white space. */
export function nullMembers(names: string): Members {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, null]),
  );
}
