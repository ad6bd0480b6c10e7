import type { Access } from "./access/access.ts";
import { assetPaths } from "./assets.ts";
import { type Formats } from "./format/formats.ts";
import { type Html, html, raw } from "./html.ts";

/** What is shown around the content of every view. */
export type LayoutOptions = {
  readonly title: string;
  readonly main: Html;
  readonly formats: Formats;
  /** `undefined` before signing in: neither search nor logout are shown. */
  readonly access: Access | undefined;
  /** What was searched for. */
  readonly searched: string;
  readonly isLive: boolean;
};

/** A whole document. */
export function layout({ title, main, access, searched, isLive }: LayoutOptions): Html {
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
${access === undefined ? "" : header(access, searched)}
</header>
<main id="main">
${main}
</main>
</body>
</html>
`;
}

function header({ user, logoutToken }: Access, searched: string): Html {
  return html`<form class="search" method="get" action="/search" role="search">
<label for="q">Search by Stripe id</label>
<input type="search" id="q" name="q" value="${searched}" placeholder="pi_…, evt_…, po_…" autocomplete="off" spellcheck="false">
<button>Search</button>
</form>
${user === undefined ? "" : html`<span class="user">${user}</span>`}
${
  logoutToken === undefined
    ? ""
    : html`<form method="post" action="/logout"><input type="hidden" name="csrf" value="${logoutToken}"><button>Log out</button></form>`
}`;
}
