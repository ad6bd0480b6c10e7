import type { Event } from "../../responses/event.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html, raw } from "../html.ts";
import { bodyLink } from "../links.ts";

const carriageReturn = raw("&#13;");

/** No HTML has a NUL, escaped or not. */
const unshown = "\0";

/** The body of an event as it was received, with the way to exactly its bytes; or why it is not shown. */
export function bodyOf(event: Event, formats: Formats): Html {
  const { payload, payload_removed_at: removedAt } = event;
  if (removedAt !== null) {
    return html`<p class="notice">The body was removed ${formats.instant(removedAt, "UTC")} to save space. What was read from it is kept.</p>`;
  }
  if (payload === null) return html`<p class="notice">This token may not read bodies.</p>`;
  return html`${payload.includes(unshown) && notice}${preformatted(payload.replaceAll(unshown, "\uFFFD"))}
<nav class="exports" aria-label="Downloads">
<a href="${bodyLink(event.event_id, event.source)}" data-key="e">Download the body as received</a>
</nav>`;
}

const notice = html`<p class="warning" role="status">The body has NUL characters, which no page can show: each is shown as \uFFFD. The download has them.</p>`;

/** A browser drops a line break at the beginning, and turns a carriage return that is not escaped into a line break. */
function preformatted(text: string): Html {
  const [first, ...others] = text.split("\r");
  return html`<pre tabindex="0" dir="ltr" role="region" aria-label="The body">${text.startsWith("\n") && "\n"}${first}${others.map((part) => html`${carriageReturn}${part}`)}</pre>`;
}
