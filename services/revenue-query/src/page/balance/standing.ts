import type { BalanceStanding, Completeness } from "../../responses/balance-standing.ts";
import { docsLink } from "../docs-link.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";

/** How current and complete an answer about the balance is. */
export type StandingOptions = {
  readonly response: Completeness & Partial<BalanceStanding> & { readonly as_of: string };
  /** Whether the answer has nothing to show. */
  readonly isEmpty: boolean;
  readonly search: URLSearchParams;
  readonly formats: Formats;
};

/** As of when an answer is, how far it is complete, and what it leaves out. */
export function standing({ response, isEmpty, search, formats }: StandingOptions): Html {
  const { as_of: asOf, complete_from: from, complete_through: through, quarantined = null } = response;
  const zone = search.get("timezone") ?? "UTC";
  const isKnowable = !search.has("as_recorded_at") && !search.has("cursor");
  return html`<dl class="facts fresh">
<div><dt>As of</dt><dd>${formats.instant(asOf, zone)}</dd></div>
${isKnowable && html`<div><dt>Complete through</dt><dd>${through === null ? "not known: no complete round yet" : formats.instant(through, zone)}</dd></div>`}
${from !== null && html`<div><dt>Complete from</dt><dd>${formats.instant(from, zone)}; what Stripe created before was not loaded</dd></div>`}
${quarantined !== null && html`<div><dt>In quarantine</dt><dd>${formats.count(quarantined)}</dd></div>`}
</dl>
${quarantined !== null && quarantined > 0 && quarantineWarning(quarantined, formats)}
${isKnowable && through === null && unsynced(isEmpty)}`;
}

function quarantineWarning(count: number, formats: Formats): Html {
  return html`<p class="warning" role="status">${formats.count(count)} ${count === 1 ? "reading is" : "readings are"} in quarantine, because they could not be understood or contradict earlier ones, and so not in these figures: <code>takings quarantine list</code> (${docsLink("runbooks/recovery.md#events-in-quarantine")}).</p>`;
}

function unsynced(isEmpty: boolean): Html {
  const what = isEmpty ? "Nothing was found" : "These figures may lack a part";
  return html`<p class="warning" role="status">${what}: for this source, account and mode, no round of <code>takings balance sync</code> has been completed. Run it with a key that may read (${docsLink("balance.md")}).</p>`;
}
