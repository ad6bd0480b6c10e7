import type { Event } from "../../responses/event.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { paymentLink, searchLink } from "../links.ts";
import { bodyOf } from "../records/body.ts";
import { eventEntries } from "../records/event-entries.ts";
import { type EventEffect, effectOf } from "../records/event-effect.ts";
import { statusOf } from "../records/event-columns.ts";
import { idLink, idText } from "../records/id-text.ts";
import { accountWords, modeWords } from "../records/words.ts";
import type { View } from "../view.ts";

/** `/events/{event_id}`: one event, what it led to, and its body as received. */
export const eventView: View = {
  path: "/events/{event_id}",
  async show({ search, path, api, formats }) {
    const event = await api.event(search, path);
    const effect = await effectOf(event, api);
    return {
      title: event.event_id,
      main: html`<h1>Event ${idText(event.event_id)}</h1>
${event.status === "quarantined" && quarantineAdvice(event)}
${facts(event, effect, formats)}
${eventEntries(event, effect, formats)}
<section aria-labelledby="body">
<h2 id="body">Body as received</h2>
${bodyOf(event, formats)}
</section>`,
    };
  },
};

function facts(event: Event, { payments }: EventEffect, formats: Formats): Html {
  const { source, object_id: object, account } = event;
  return html`<dl class="facts">
<dt>Type</dt><dd><code>${event.type}</code></dd>
<dt>Created by Stripe</dt><dd>${formats.instant(event.created, "UTC")}</dd>
<dt>Received</dt><dd>${formats.instant(event.received_at, "UTC")}</dd>
<dt>Status</dt><dd>${statusOf(event)}</dd>
<dt>Object</dt><dd>${object === null ? "none" : idLink(object, searchLink(object, source))}</dd>
<dt>Payment</dt><dd>${payments.length === 0 ? "none known" : payments.map((id) => html`${idLink(id, paymentLink(id, source))} `)}</dd>
<dt>Account</dt><dd>${account === null ? accountWords(account) : idText(account)}</dd>
<dt>Mode</dt><dd>${modeWords(event.livemode)}</dd>
<dt>Source</dt><dd>${source}</dd>
</dl>`;
}

function quarantineAdvice({ event_id: id, source }: Event): Html {
  const option = source === "default" ? "" : ` --source ${source}`;
  return html`<p class="warning" role="status">This event could not be understood, so it is in no total. <code>takings quarantine show ${id}${option}</code> tells more and what was decided, <code>takings quarantine replay ${id}${option}</code> reads it again, and <code>takings quarantine dismiss ${id}${option}</code> records that it needs nothing.</p>`;
}
