import { createHash } from "node:crypto";
import type { Moment, Page } from "@takings/domain";
import { z } from "zod";
import { utcText } from "./calendar.ts";
import { parseMoment, resolveBound } from "./range.ts";

/** Where a walk through a list stands: the row it stopped at, and the moment it is pinned to. */
export type Cursor = {
  /** Null in a list that shows what stands at present. */
  readonly asOf: Moment | null;
  readonly after: NonNullable<Page["after"]>;
  /** The {@link fingerprint} of what is being listed. */
  readonly fingerprint: string;
};

const moment = z.string().refine(isMoment);
/** Whatever a list has for ids, the database can hold them; how exactly they look is the list's to say. */
const rowId = z.string().regex(/^[^\s\p{C}]{1,600}$/u);
const cursorFields = z.tuple([moment.nullable(), moment, rowId, z.string()]);

/** Names what is being listed, so that a cursor is of use for nothing else. */
export function fingerprint(...parts: readonly unknown[]): string {
  return digest(JSON.stringify(parts.map((part) => part ?? null)));
}

/** Opaque text, safe in a URL. */
export function encodeCursor(cursor: Cursor): string {
  const fields = JSON.stringify([cursor.asOf, cursor.after.time, cursor.after.id, cursor.fingerprint]);
  return Buffer.from(digest(fields) + fields).toString("base64url");
}

/**
 * `undefined` for anything that {@link encodeCursor} did not write. The checksum finds damage, not forgery: whoever
 * forges a cursor reads nothing but what their token allows to read anyway.
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

/** Whether a text is a moment in the one form in which moments are told, within the years that can be told. */
function isMoment(text: string): boolean {
  const instant = parseMoment(text);
  return instant !== undefined && resolveBound(instant, "UTC") !== undefined && utcText(instant) === text;
}
