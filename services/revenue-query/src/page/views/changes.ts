import type { ParameterError } from "../../http/http-problem.ts";
import { type Html, html } from "../html.ts";
import { relink } from "../links.ts";
import { changesTable } from "../overview/changes-table.ts";
import { rangeFields, scopeFields } from "../parts/filter-fields.ts";
import { withDayAdvice, withRecordedInstants } from "../overview/recorded-days.ts";
import { exportsNav } from "../parts/exports.ts";
import { filterForm, type FilterField } from "../parts/filter-form.ts";
import { filterText } from "../parts/filter-text.ts";
import { pages } from "../parts/pages.ts";
import { fold } from "../parts/fold.ts";
import { isRefusedQuery } from "../parts/refused-query.ts";
import type { View } from "../view.ts";

const path = "/revenue/changes";
const placeholder = "2026-11-30";
const fields: readonly FilterField[] = [
  { name: "since", label: "Changes since", placeholder },
  { name: "as_recorded_at", label: "Until", placeholder: "now" },
  ...rangeFields,
  ...scopeFields,
];

/** `/revenue/changes`: why a figure differs from what was read earlier. */
export const changesView: View = {
  path,
  async show({ search, api, formats }) {
    try {
      const query = withRecordedInstants(search, ["since", "as_recorded_at"]);
      const { changes, next_cursor: next, since, as_of: until, timezone } = await api.changes(query);
      const instant = (moment: string): Html => formats.instant(moment, timezone);
      // Without a range, the overview would be that of the current month.
      const period = search.has("from") || search.has("to") ? undefined : "all";
      const earlier = relink("/", search, { ...omitted, as_recorded_at: since, period });
      const filter = new URLSearchParams(query);
      filter.delete("since");
      filter.delete("as_recorded_at");
      return {
        title: "Changes",
        main: html`<h1>Changes since ${instant(since)}</h1>
<p>What was recorded after that and until ${instant(until)}, oldest first, and what it did to the figures. <a href="${earlier}">The figures as of then</a></p>
${fold("Changes to list", form(search))}
${changesTable({ changes, caption: filterText({ search: filter, formats }), zone: timezone, formats })}
${pages(path, search, next)}
${exportsNav({ path, search: query, asOf: until })}`,
      };
    } catch (error) {
      if (!isRefusedQuery(error)) throw error;
      return {
        title: "Changes",
        status: error.status,
        main: html`<h1>Changes</h1>
${error.errors === undefined && html`<p class="error" role="alert">${error.message}</p>`}
${form(search, withDayAdvice(error.errors, ["since", "as_recorded_at"]))}
<p><a href="/">Back to the overview</a></p>`,
      };
    }
  },
};

/** Parameters that the overview does not have. */
const omitted = { since: undefined, limit: undefined, cursor: undefined };

function form(search: URLSearchParams, errors: readonly ParameterError[] = []): Html {
  return filterForm({ action: path, label: "Changes to list", fields, search, errors });
}
