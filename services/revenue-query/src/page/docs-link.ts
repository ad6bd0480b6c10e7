import { type Html, html } from "./html.ts";

/** Where the documents are: the same place as the runbooks of alerts. */
const base = "https://github.com/takings/takings/blob/main/docs";

/** A link to one of the documents, which leaves this origin; its text is the document's path. */
export function docsLink(path: string): Html {
  return html`<a href="${base}/${path}" rel="noreferrer">docs/${path.replace(/#.*$/, "")}</a>`;
}
