import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";

/** The page for people, without a trailing slash or path. */
const page = "${page:raw}";
/** The parameters of the API that the dashboards have as variables. The page ignores an empty account. */
const scope = ["source", "livemode", "account"].map((name) => `${name}=\${${name}:percentencode}`);
const range = ["from=${__from:date:iso}", "to=${__to:date:iso}"];

/** A link above a dashboard to a view of the page, of the same source, mode, account and time range. */
export function viewLink(title: string, path: string): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon("external link")
    .url(`${page}${path}?${[...scope, ...range].join("&")}`)
    .targetBlank(true)
    .build();
  // The SDK puts links into a menu by default; without a placement they are above the panels.
  const { placement: _, ...shown } = link;
  return { build: () => shown };
}

/** A link of Grafana from the values of a column. */
export type DataLink = { readonly title: string; readonly url: string; readonly targetBlank?: boolean };

/** A link from an id in a table with a column `source` to the view of what it names. */
export function objectLink(title: string, path: string): DataLink {
  const url = `${page}${path}/\${__value.raw:percentencode}?source=\${__data.fields.source}`;
  return { title, url, targetBlank: true };
}
