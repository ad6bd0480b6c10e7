import type { Event } from "../../responses/event.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html, raw } from "../html.ts";

const carriageReturn = raw("&#13;");

/** The body of an event exactly as it was received, or why it is not shown. */
export function bodyOf({ payload, payload_removed_at: removedAt }: Event, formats: Formats): Html {
  if (removedAt !== null) {
    return html`<p class="notice">The body was removed ${formats.instant(removedAt, "UTC")} to save space. What was read from it is kept.</p>`;
  }
  if (payload === null) return html`<p class="notice">This token may not read bodies.</p>`;
  // A browser drops a line break at the beginning, and turns a carriage return that is not escaped into a line break.
  const [first, ...others] = payload.split("\r");
  return html`<pre tabindex="0" dir="ltr" role="region" aria-label="The body">${payload.startsWith("\n") && "\n"}${first}${others.map((part) => html`${carriageReturn}${part}`)}</pre>`;
}
