import type { EventSummary } from "../../responses/event.ts";
import { html, type Html } from "../html.ts";
import { exportsNav } from "../parts/exports.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";
import { otherChoice } from "../parts/other-choice.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { table } from "../parts/table.ts";
import { eventColumns } from "../records/event-columns.ts";
import { idText } from "../records/id-text.ts";
import { accountColumn, modeColumn, sourceColumn } from "../records/scope-columns.ts";
import { filterFields } from "../parts/filter-fields.ts";
import type { View, ViewRequest, ViewResult } from "../view.ts";

const path = "/events";

const fields: readonly FilterField[] = [
  { name: "type", label: "Type", placeholder: "all" },
  {
    name: "status",
    label: "Status",
    choices: [
      ["", "any"],
      ["processed", "processed"],
      ["quarantined", "in quarantine, to decide on"],
    ],
  },
  { name: "object_id", label: "Object", placeholder: "any" },
  filterFields.from,
  filterFields.to,
  { ...filterFields.account, placeholder: "all; platform for its own" },
  {
    ...filterFields.livemode,
    choices: [
      ["", "either"],
      ["true", "live"],
      ["false", "test"],
    ],
  },
  filterFields.source,
];

/** `/events`: stored events, whether or not they affect the ledger. */
export const eventsView: View = {
  path,
  show(request) {
    const { search } = request;
    const form = { action: path, label: "Which events", fields, search };
    return showWithForm(
      { title: "Events", form: (errors = []) => filterForm({ ...form, errors }) },
      (shown) => showEvents(request, shown),
    );
  },
};

async function showEvents({ search, api, formats }: ViewRequest, form: Html): Promise<ViewResult> {
  const { events, next_cursor: next, as_of: asOf } = await api.events(search);
  const isWaiting = search.get("status") === "quarantined";
  const filter = filterOf(search);
  const rows = { rows: events, columns: [...eventColumns(formats), accountColumn, modeColumn, sourceColumn] };
  return {
    title: isWaiting ? "Events in quarantine" : "Events",
    main: html`<h1>${isWaiting ? "Events in quarantine" : "Events"}</h1>
<p>${filter}</p>
<p class="fresh">As of ${formats.instant(asOf, "UTC")}.</p>
${isWaiting && events.length > 0 && quarantineAdvice}
${otherChoice("events", form, events)}
${table<EventSummary>({ label: "Events", caption: filter, empty: html`Nothing found: ${filter}.`, ...rows })}
${pages(path, search, next)}
${exportsNav({ path, search })}`,
  };
}

const quarantineAdvice = html`<p class="warning" role="status">These events could not be understood and are in no total. <code>takings quarantine show</code> tells more about one of them, <code>takings quarantine replay</code> reads it again, and <code>takings quarantine dismiss</code> records that it needs nothing.</p>`;

/** The filter in words. */
function filterOf(search: URLSearchParams): Html {
  const given = (name: string, text: (value: string) => Html | string): (Html | string)[] => {
    const value = search.get(name);
    return value === null ? [] : [text(value)];
  };
  const parts = [
    ...given("status", (status) =>
      status === "quarantined" ? "in quarantine that await a decision, without dismissed ones" : "processed",
    ),
    ...given("type", (type) => html`of type <code>${type}</code>`),
    ...given("object_id", (id) => html`that are about ${idText(id)} or name it as their payment`),
    ...given("from", (from) => html`created from ${from} on (UTC)`),
    ...given("to", (to) => html`created before ${to} (UTC)`),
    ...given("account", accountText),
    ...given("livemode", (live) => (live === "true" ? "in live mode" : "in test mode")),
    search.get("source") === "*"
      ? "of all sources"
      : html`of the source ${search.get("source") ?? "default"}`,
  ];
  return html`Events ${parts.map((part, index) => html`${index === 0 ? "" : ", "}${part}`)}`;
}

function accountText(account: string): Html | string {
  if (account === "*") return "of all accounts";
  return account === "platform" ? "of the platform's own account" : html`of account ${idText(account)}`;
}
