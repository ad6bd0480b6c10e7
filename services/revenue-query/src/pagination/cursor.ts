import { createHash } from "node:crypto";
import type { Moment, Page } from "@takings/domain";
import { z } from "zod";
import { parseMoment, resolveBound } from "../parameters/range.ts";
import { utcText } from "../time/instant-text.ts";

/** A position in a list: the last row of a page, and the instant that all pages are read as of. */
export type Cursor = {
  /** Null for a list of the current state. */
  readonly asOf: Moment | null;
  readonly after: NonNullable<Page["after"]>;
  /** The {@link fingerprint} of the list and its filter. */
  readonly fingerprint: string;
};

const moment = z.string().refine(isMoment);
/** Any id that the database can hold; each list checks the exact form of its own ids. */
const rowId = z.string().regex(/^[^\s\p{C}]{1,600}$/u);
const cursorFields = z.tuple([moment.nullable(), moment, rowId, z.string()]);

/** Identifies a list and its filter, so that a cursor cannot be used with another one. */
export function fingerprint(...parts: readonly unknown[]): string {
  return digest(JSON.stringify(parts.map((part) => part ?? null)));
}

/** Encodes a cursor as opaque text that is safe in a URL. */
export function encodeCursor(cursor: Cursor): string {
  const fields = JSON.stringify([cursor.asOf, cursor.after.time, cursor.after.id, cursor.fingerprint]);
  return Buffer.from(digest(fields) + fields).toString("base64url");
}

/**
 * Decodes the output of {@link encodeCursor}; `undefined` for anything else. The checksum detects damage, not forgery:
 * a forged cursor gives access to nothing that the caller's token does not allow anyway.
 */
export function decodeCursor(text: string): Cursor | undefined {
  const decoded = Buffer.from(text, "base64url");
  if (decoded.toString("base64url") !== text) return undefined;
  const [sum, fields] = [decoded.subarray(0, digestLength), decoded.subarray(digestLength)];
  if (digest(fields) !== sum.toString()) return undefined;
  const parsed = cursorFields.safeParse(parseJson(fields.toString()));
  if (!parsed.success) return undefined;
  const [asOf, time, id, listed] = parsed.data;
  return { asOf, after: { time, id }, fingerprint: listed };
}

const digestLength = 16;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, digestLength);
}

/** Whether a text is an instant in the form of {@link utcText}, within the supported years. */
function isMoment(text: string): boolean {
  const instant = parseMoment(text);
  return instant !== undefined && resolveBound(instant, "UTC") !== undefined && utcText(instant) === text;
}
