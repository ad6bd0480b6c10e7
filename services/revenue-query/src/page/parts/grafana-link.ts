import { type Html, html } from "../html.ts";

/** The link to the dashboards; nothing where Grafana's URL is not set. */
export function grafanaLink(grafanaUrl: string | undefined): Html | undefined {
  if (grafanaUrl === undefined) return undefined;
  // By their tag: the dashboards may be in any folder, and it is no error when they are not installed.
  const dashboards = `${grafanaUrl.replace(/\/+$/, "")}/dashboards?tag=takings`;
  return html`<a href="${dashboards}" rel="noreferrer">Dashboards in Grafana</a>`;
}
