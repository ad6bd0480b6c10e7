import type { ParameterError } from "../../http/http-problem.ts";
import { type Html, html } from "../html.ts";
import type { ViewResult } from "../view.ts";
import { isRefusedQuery } from "./refused-query.ts";

/** A view with a form of its parameters. */
export type FormView = {
  readonly title: string;
  readonly form: (errors?: readonly ParameterError[]) => Html;
};

/** Shows a view; where its parameters are refused, the form with what is wrong with each, and status 400; where the token may not read it, 403. */
export async function showWithForm(
  { title, form }: FormView,
  show: (form: Html) => Promise<ViewResult>,
): Promise<ViewResult> {
  try {
    return await show(form());
  } catch (error) {
    if (!isRefusedQuery(error)) throw error;
    return {
      title,
      status: error.status,
      main: html`<h1>${title}</h1>
<p class="error" role="alert">${error.errors === undefined ? error.message : "This cannot be shown: see what is wrong in the form."}</p>
${form(error.errors)}`,
    };
  }
}
