import type { Request } from "express";
import { searchOf } from "../http/search-of.ts";

/** What a request for a view or a file asks for. */
export type AskedFor = {
  /** The query without blank values, which a form sends for its empty fields. */
  readonly search: URLSearchParams;
  /** The parameters of the path. */
  readonly path: Readonly<Record<string, string>>;
};

/** What the URL of a request asks for. */
export function askedFor({ originalUrl, params }: Request): AskedFor {
  const given = [...searchOf(originalUrl)].filter(([, value]) => value.trim() !== "");
  const path = Object.entries(params).map(([name, value]) => [name, String(value)] as const);
  return { search: new URLSearchParams(given), path: Object.fromEntries(path) };
}
