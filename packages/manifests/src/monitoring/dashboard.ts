import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { viewLink } from "./page-links.ts";
import type { Panels } from "./panels.ts";
import type { Variable } from "./variables.ts";

/** A headline and its panels, in order. */
type Row = {
  readonly title: string;
  readonly panels: Panels;
  /** Closed at first. Grafana runs the queries of its panels when it is opened. */
  readonly collapsed?: boolean;
};

type DashboardOptions = {
  readonly uid: string;
  readonly title: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
  /** Where the selected time range begins at first, in Grafana's notation. Default: six hours ago. */
  readonly from?: string;
  /** The views of the page that it links to, by title. */
  readonly views?: Readonly<Record<string, string>>;
};

/** A dashboard in the classic JSON format, which every Grafana version reads. */
export function dashboard({
  uid,
  title,
  variables,
  rows,
  from = "now-6h",
  views = {},
}: DashboardOptions): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .tags(["takings"])
    .readonly()
    .refresh("30s")
    .time({ from, to: "now" })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Takings")
        .type(DashboardLinkType.Dashboards)
        .tags(["takings"])
        .includeVars(true)
        .keepTime(true),
    );
  for (const [name, path] of Object.entries(views)) board.link(viewLink(name, path));
  for (const variable of variables) board.withVariable(variable);
  for (const row of rows) addRow(board, row);
  return withPanelIds(board.build());
}

function addRow(board: DashboardBuilder, { title, panels, collapsed = false }: Row): void {
  const row = new RowBuilder(title).collapsed(collapsed);
  // The panels of a closed row are inside it, those of an open row follow it.
  if (collapsed) for (const panel of panels) row.withPanel(panel);
  board.withRow(row);
  if (!collapsed) for (const panel of panels) board.withPanel(panel);
}

/** Numbers the panels in order: the SDK leaves out the id of a panel and gives 0 to each row. */
function withPanelIds(built: Dashboard): Dashboard {
  let last = 0;
  for (const panel of built.panels ?? []) {
    panel.id = last += 1;
    if ("panels" in panel) for (const inner of panel.panels) inner.id = last += 1;
  }
  return built;
}
