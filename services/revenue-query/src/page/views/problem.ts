import type { ParameterError } from "../../http/http-problem.ts";
import { html } from "../html.ts";
import { link } from "../links.ts";
import { idText } from "../records/id-text.ts";
import type { ShownResult, ViewResult } from "../view.ts";

/**
 * A request that cannot be answered, and why.
 * @param subject the id of a single object: where there is none, it can be searched for.
 */
export function problemView(
  status: number,
  detail: string,
  errors: readonly ParameterError[] = [],
  subject?: string,
): ShownResult {
  const title = status === 404 ? "Not found" : "This cannot be shown";
  return {
    title,
    status,
    main: html`<h1>${title}</h1>
<p>${detail}</p>
${
  errors.length > 0 &&
  html`<ul class="errors">
${errors.map((error) => html`<li><code>${error.parameter}</code> ${error.detail}</li>`)}
</ul>`
}
${status === 404 && subject !== undefined && html`<p><a href="${link("/search", { q: subject })}">Search for ${idText(subject)} in all sources</a></p>`}
<p><a href="/">Back to the overview</a></p>`,
  };
}

/** The database is away: the same address is tried again, without a script too. */
export function retryView(detail: string, afterSeconds: number): ViewResult {
  return {
    title: "Unavailable",
    status: 503,
    main: html`<h1>The figures are unavailable right now</h1>
<p role="alert">${detail}</p>
<p>This page tries again in ${afterSeconds} seconds.</p>`,
  };
}
