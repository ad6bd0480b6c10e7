import type { ParameterError } from "../../http/http-problem.ts";
import { html } from "../html.ts";
import type { ShownResult, ViewResult } from "../view.ts";

/** A request that cannot be answered, and why. */
export function problemView(
  status: number,
  detail: string,
  errors: readonly ParameterError[] = [],
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
