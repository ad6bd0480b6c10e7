import { defaultSource } from "@takings/domain";
import type { PayoutWithMembers } from "../../responses/payout.ts";
import { explanation } from "../balance/explanation.ts";
import { payoutMembers } from "../balance/payout-members.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { eventLink, link, viewOf } from "../links.ts";
import { exportsNav } from "../parts/exports.ts";
import type { View } from "../view.ts";

/** `/payouts/{id}`: one payout, what it consists of, and whether that is all of it. */
export const payoutView: View = {
  path: "/payouts/{id}",
  async show({ search, path, api, formats }) {
    const payout = await api.payout(search, path);
    const list = new URL(viewOf(payout.transactions), "http://page");
    return {
      title: `Payout ${payout.id}`,
      isLive: !search.has("as_recorded_at"),
      main: html`<h1>Payout <code>${payout.id}</code></h1>
${facts(payout, formats)}
<section aria-labelledby="members">
<h2 id="members">What it consists of</h2>
${explanation(payout, formats)}
${payoutMembers(payout, formats)}
<p class="screen-only"><a href="${viewOf(payout.transactions)}" data-row>The transactions in its list</a>, its own included</p>
${exportsNav({ path: list.pathname, search: list.searchParams, part: "its transactions" })}
</section>
<p class="screen-only"><a href="${listHref(payout, search)}">All payouts</a></p>`,
    };
  },
};

/** The list of payouts that this one is in. */
function listHref({ account, source }: PayoutWithMembers, search: URLSearchParams): string {
  return link("/payouts", {
    account: account ?? undefined,
    livemode: search.get("livemode") ?? undefined,
    source: source === defaultSource ? undefined : source,
  });
}

function facts(payout: PayoutWithMembers, formats: Formats): Html {
  const { amount, currency, event_id: event, source } = payout;
  const instant = (moment: string): Html => formats.instant(moment, "UTC");
  const all: (readonly [string, Html | string])[] = [
    [
      "Amount",
      html`<a href="${viewOf(payout.transactions)}">${formats.money(amount, currency, "amount")}</a>`,
    ],
    ["Status", payout.status],
    ["Kind", payout.automatic ? "automatic" : "manual or instant"],
    ["Arrival at the bank", instant(payout.arrival_date)],
    ["Created", instant(payout.created)],
    ["Bank's trace id", payout.trace_id === null ? "none yet" : html`<code>${payout.trace_id}</code>`],
    ["Reconciliation at Stripe", payout.reconciliation_status ?? "not said"],
    ["Account", payout.account ?? "the platform's own"],
    ["Mode", payout.livemode ? "live" : "test"],
    ["Source", source],
    ["Stated by event", html`<a href="${eventLink(event, source)}"><code>${event}</code></a>`],
    ["As of", instant(payout.as_of)],
  ];
  return html`<dl class="facts">
${all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
