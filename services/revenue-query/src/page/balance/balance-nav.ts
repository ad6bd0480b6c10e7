import { type Html, html, raw } from "../html.ts";
import { link } from "../links.ts";

const views = [
  ["/payouts", "Payouts"],
  ["/balance", "Balance"],
  ["/balance/summary", "What changed it"],
  ["/balance/transactions", "Transactions"],
] as const;

/** What all of these views take. */
const shared = ["timezone", "currency", "account", "livemode", "source", "as_recorded_at"];
const range = ["from", "to"];

/** Leads from one view of the balance to the others, with the same filter. */
export function balanceNav(current: string, search: URLSearchParams): Html {
  return html`<nav class="choices" aria-label="Money to the bank">
${views.map(([path, title]) => {
  const names = path === "/balance" ? shared : [...range, ...shared];
  const query = new URLSearchParams([...search].filter(([name]) => names.includes(name)));
  return html`<a href="${link(path, query)}"${path === current && raw(' aria-current="true"')}>${title}</a>\n`;
})}</nav>`;
}
