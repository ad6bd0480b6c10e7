import { html } from "../html.ts";
import type { View } from "../view.ts";

/** `/events/{event_id}`: one event with its body as received. */
export const eventView: View = {
  path: "/events/{event_id}",
  async show({ search, path, api, formats }) {
    const event = await api.event(search, path);
    const missing =
      event.payload_removed_at === null
        ? html`<p>The token that you signed in with may not read bodies.</p>`
        : html`<p>The body was removed ${formats.instant(event.payload_removed_at, "UTC")}.</p>`;
    const body = event.payload === null ? missing : html`<pre tabindex="0">${event.payload}</pre>`;
    return {
      title: event.event_id,
      main: html`<h1>Event <code>${event.event_id}</code></h1>
<dl>
<dt>Type</dt><dd>${event.type}</dd>
<dt>Created</dt><dd>${formats.instant(event.created, "UTC")}</dd>
<dt>Received</dt><dd>${formats.instant(event.received_at, "UTC")}</dd>
</dl>
<h2>Body as received</h2>
${body}`,
    };
  },
};
