import { type Html, html } from "../html.ts";

/** An id as a text of its own: whatever characters it has, it does not change the direction of the text around it. */
export function idText(id: string): Html {
  return html`<code dir="ltr">${id}</code>`;
}

/** An id that leads somewhere. */
export function idLink(id: string, href: string): Html {
  return html`<a href="${href}">${idText(id)}</a>`;
}
