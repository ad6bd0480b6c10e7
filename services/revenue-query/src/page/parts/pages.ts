import { type Html, html } from "../html.ts";
import { link } from "../links.ts";

/** Leads to the next page of a list, and from a later one back to the first; empty where one page is all. */
export function pages(path: string, search: URLSearchParams, nextCursor: string | null): Html | "" {
  const isFirst = !search.has("cursor");
  if (isFirst && nextCursor === null) return "";
  return html`<nav class="pages" aria-label="Pages">
${!isFirst && html`<a href="${link(path, withCursor(search, null))}">First page</a>`}
${nextCursor !== null && html`<a href="${link(path, withCursor(search, nextCursor))}" rel="next">Next page</a>`}
</nav>`;
}

function withCursor(search: URLSearchParams, cursor: string | null): URLSearchParams {
  const query = new URLSearchParams(search);
  query.delete("cursor");
  if (cursor !== null) query.set("cursor", cursor);
  return query;
}
