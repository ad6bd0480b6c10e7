import { type Html, html } from "../html.ts";

/** What is chosen from, above figures: one line to open where the screen is narrow, so that figures come first. */
export function fold(summary: string, choices: Html): Html {
  return html`<details class="fold screen-only"><summary>${summary}</summary>
${choices}
</details>`;
}
