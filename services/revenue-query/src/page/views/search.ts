import { HttpProblem } from "../../http/http-problem.ts";
import type { SearchResponse, SearchResult } from "../../routes/search.ts";
import { html } from "../html.ts";
import { relink, viewOf } from "../links.ts";
import type { PageApi } from "../page-api.ts";
import { type Column, table } from "../parts/table.ts";
import { idText } from "../records/id-text.ts";
import { accountColumn, modeColumn, sourceColumn } from "../records/scope-columns.ts";
import { foundWords } from "../records/words.ts";
import type { ShownResult, View } from "../view.ts";

/** `/search?q=`: leads to what an id means; where it means several things, to a choice of them. */
export const searchView: View = {
  path: "/search",
  async show({ search, api }) {
    if (!search.has("q")) return { title: "Search", main: html`<h1>Search</h1>\n${advice}` };
    const found = await searchFor(search, api);
    if (found instanceof HttpProblem) return refused(found);
    const { q, results } = found;
    const [first, ...others] = results;
    if (first === undefined) return nothing(q, search);
    if (others.length === 0) return { redirect: viewOf(first.link) };
    return {
      title: q,
      main: html`<h1>What ${idText(q)} means</h1>
${table({ label: "What was found", caption: "It means several things. Choose one.", columns, rows: results, empty: "" })}`,
    };
  },
};

/** What is found, or what is wrong with the search. */
async function searchFor(search: URLSearchParams, api: PageApi): Promise<SearchResponse | HttpProblem> {
  try {
    return await api.search(search);
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 400) return error;
    throw error;
  }
}

function refused({ message, errors }: HttpProblem): ShownResult {
  const told = errors?.map(
    ({ parameter, detail }) => `${parameter === "q" ? "What is searched for" : parameter} ${detail}.`,
  );
  return {
    title: "Search",
    status: 400,
    main: html`<h1>Search</h1>
${(told ?? [message]).map((text) => html`<p class="error" role="alert">${text}</p>\n`)}
${advice}`,
  };
}

const columns: Column<SearchResult>[] = [
  { title: "Found", isHeading: true, cell: ({ kind }) => foundWords[kind] },
  { title: "Id", cell: ({ id, link }) => html`<a data-row href="${viewOf(link)}">${idText(id)}</a>` },
  sourceColumn,
  accountColumn,
  modeColumn,
];

const advice = html`<p>Type the id of an event (<code>evt_…</code>), a payment (<code>pi_…</code>), a charge, refund or dispute, a payout (<code>po_…</code>), a balance transaction (<code>txn_…</code>) or a ledger entry (<code>le_…</code>) into the field above, as a whole.</p>`;

/** It is an answer like any other: an id that is only named by something, such as a balance transaction, leads here too. */
function nothing(q: string, search: URLSearchParams): ShownResult {
  const source = search.get("source") ?? "*";
  return {
    title: "Nothing found",
    main: html`<h1>Nothing found for ${idText(q)}</h1>
<p class="notice">Nothing about it is stored${source !== "*" && html` in the source <code>${source}</code>. <a href="${relink("/search", search, { source: undefined })}">Search in all sources</a>`}</p>
${advice}
<p>Something else may name it all the same, such as a balance transaction. An event about it may still be on its way, or have been sent before this installation existed: then <code>takings reconcile</code> can ask Stripe for it.</p>`,
  };
}
