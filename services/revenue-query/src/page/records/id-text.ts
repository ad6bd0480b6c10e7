import { type Html, html } from "../html.ts";

/** No id of Stripe's is as long, that of a body with an odd one is. */
const unusualLength = 60;

/** An id as a text of its own: whatever characters it has, it does not change the direction of the text around it. */
export function idText(id: string): Html {
  return id.length < unusualLength
    ? html`<code dir="ltr">${id}</code>`
    : html`<code dir="ltr" class="long">${id}</code>`;
}

/** An id that leads somewhere. */
export function idLink(id: string, href: string): Html {
  return html`<a href="${href}">${idText(id)}</a>`;
}
