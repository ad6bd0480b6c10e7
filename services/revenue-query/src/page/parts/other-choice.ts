import { type Html, html } from "../html.ts";

/** The form of a list, closed while there are rows: where nothing was found, something else is to be asked for. */
export function otherChoice(what: string, form: Html, rows: readonly unknown[]): Html {
  return html`<details class="screen-only"${rows.length === 0 && html` open`}><summary>Choose other ${what}</summary>
${form}
</details>`;
}
