import { platformName, type TokenScope } from "@takings/runtime";
import { type Html, html, raw } from "../html.ts";
import { relink } from "../links.ts";
import type { Place } from "../places.ts";

/** The views of one account. Others are of single objects, or of all accounts. */
const views = [
  "/",
  "/revenue/changes",
  "/ledger",
  "/events",
  "/gaps",
  "/payouts",
  "/balance",
  "/balance/summary",
  "/balance/transactions",
];

/** Links to the same view of each account that a token is limited to; nothing where there is no choice. */
export function accountChoices({ accounts = [] }: TokenScope, place: Place | undefined): Html | "" {
  if (place === undefined || !views.includes(place.path) || accounts.length < 2) return "";
  const { path, search } = place;
  const shown = search.get("account") ?? (path === "/events" ? undefined : platformName);
  return html`<nav class="choices" aria-label="Account">
${accounts.map((account) => {
  const href = relink(path, search, { account, cursor: undefined });
  const name = account === platformName ? "The platform's own" : account;
  return html`<a href="${href}"${account === shown && raw(' aria-current="true"')}>${name}</a>\n`;
})}</nav>`;
}
