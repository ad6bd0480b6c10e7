import { html } from "../html.ts";
import type { PageApi } from "../page-api.ts";
import { exportsNav } from "../parts/exports.ts";
import { rangeFields } from "../parts/filter-fields.ts";
import type { FilterField } from "../parts/filter-form.ts";
import { fold } from "../parts/fold.ts";
import { filterText } from "../parts/filter-text.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { type Column, table } from "../parts/table.ts";
import type { Formats } from "../format/formats.ts";
import type { View } from "../view.ts";
import { balanceFormView } from "./balance-form.ts";
import { balanceNav } from "./balance-nav.ts";
import { rangeChoices } from "./range-choices.ts";
import { standing, type StandingOptions } from "./standing.ts";

/** What a row of such a list tells of its scope. */
type ScopedRow = { readonly livemode: boolean; readonly account: string | null };

/** A page of such a list. */
type ListPage<Row> = {
  readonly rows: readonly Row[];
  readonly response: StandingOptions["response"] & { readonly next_cursor: string | null };
};

/** A list of the balance ledger. */
export type BalanceList<Row extends ScopedRow> = {
  readonly path: string;
  readonly title: string;
  /** What orders the rows, to go on after the title. */
  readonly order: string;
  /** The parameters that it has beside a range and a scope. */
  readonly fields: readonly FilterField[];
  readonly read: (api: PageApi, search: URLSearchParams) => Promise<ListPage<Row>>;
  readonly columns: (search: URLSearchParams, formats: Formats) => readonly Column<Row>[];
};

/** The view of a list of the balance ledger: how far it is complete, its form, its rows, its downloads. */
export function balanceListView<Row extends ScopedRow>(list: BalanceList<Row>): View {
  const { path, title } = list;
  const formOf = { path, title, fields: [...rangeFields, ...list.fields] };
  return {
    path,
    show: ({ search, api, formats, now }) =>
      showWithForm(balanceFormView(formOf, search), async (form) => {
        const { rows, response } = await list.read(api, search);
        const filter = filterText({ ...rows[0], search, formats });
        return {
          title,
          isLive: !search.has("as_recorded_at") && !search.has("cursor"),
          main: html`<h1>${title}</h1>
${balanceNav(path, search)}
${standing({ response, isEmpty: rows.length === 0, search, formats })}
${fold("Range and filter", html`${rangeChoices({ path, search, now })}\n${form}`)}
${table<Row>({
  label: title,
  caption: html`${title} by ${list.order}, ${filter}`,
  columns: list.columns(search, formats),
  rows,
  empty: html`No ${title.toLowerCase()}: ${filter}.`,
})}
${pages(path, search, response.next_cursor)}
${exportsNav({ path, search, asOf: response.as_of })}`,
        };
      }),
  };
}
