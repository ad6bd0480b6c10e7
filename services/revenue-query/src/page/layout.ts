import type { Access } from "./access/access.ts";
import { assetPaths } from "./assets.ts";
import { type Html, html, raw } from "./html.ts";
import { accountChoices } from "./parts/account-choices.ts";
import { grafanaLink } from "./parts/grafana-link.ts";
import { type Place, places } from "./places.ts";

/** What is shown around the content of every view. */
export type LayoutOptions = {
  readonly title: string;
  readonly main: Html;
  /** `undefined` before signing in: neither search nor logout are shown. */
  readonly access: Access | undefined;
  /** What was searched for. */
  readonly searched: string;
  readonly isLive: boolean;
  /** Where the reader is; nowhere in particular unless given. */
  readonly place?: Place;
  readonly grafanaUrl?: string | undefined;
};

/** A whole document. */
export function layout({ title, main, access, searched, isLive, place, grafanaUrl }: LayoutOptions): Html {
  return html`${raw("<!doctype html>")}
<html lang="en"${isLive ? raw(" data-live") : ""}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Takings</title>
<link rel="icon" href="${assetPaths.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPaths.style}">
<script src="${assetPaths.script}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">Takings</a>
${access === undefined ? "" : header(access, searched, place)}
</header>
<main id="main" tabindex="-1">
${access !== undefined && accountChoices(access.scope, place)}
${main}
</main>
<footer class="bottom">
${access === undefined ? "" : html`<button type="button" data-opens="keys" hidden>Keys</button>`}
<span id="live" role="status"></span>
${grafanaLink(grafanaUrl)}
</footer>
${access === undefined ? "" : keys}
</body>
</html>
`;
}

function header({ user, logoutToken }: Access, searched: string, place: Place | undefined): Html {
  return html`<nav class="places" aria-label="Views">
${places(place).map(
  ({ name, href, isCurrent }) =>
    html`<a href="${href}"${isCurrent ? raw(' aria-current="page"') : ""}>${name}</a>`,
)}
</nav>
<form class="search" method="get" action="/search" role="search">
<label for="q" class="hidden-visually">Search by Stripe id</label>
<input type="search" id="q" name="q" value="${searched}" placeholder="Stripe id: pi_…, evt_…, po_…" autocomplete="off" autocapitalize="off" spellcheck="false" data-key="/">
<button>Search</button>
</form>
${user === undefined ? "" : html`<span class="user">${user}</span>`}
${
  logoutToken === undefined
    ? ""
    : html`<form method="post" action="/logout"><input type="hidden" name="csrf" value="${logoutToken}"><button>Log out</button></form>`
}`;
}

/** The keys that page.js knows. It opens the dialog, so that nothing of it is seen without scripts. */
const keys = html`<dialog id="keys" aria-labelledby="keys-title">
<h2 id="keys-title">Keys</h2>
<dl class="facts">
${[
  ["/", "search"],
  ["j", "next row"],
  ["k", "previous row"],
  ["Enter", "open what is marked"],
  ["o", "open the event of the marked or first row"],
  ["[", "previous period"],
  ["]", "next period"],
  ["t", "this month"],
  ["e", "export what is shown"],
  ["?", "these keys"],
].map(([key, meaning]) => html`<dt><kbd>${key}</kbd></dt><dd>${meaning}</dd>`)}
</dl>
<form method="dialog">
<label><input type="checkbox" name="on" checked> Single keys are on</label>
<button>Close</button>
</form>
</dialog>`;
