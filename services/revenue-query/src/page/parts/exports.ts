import { type Html, html, raw } from "../html.ts";
import { link } from "../links.ts";

/** What a view can be downloaded as: the extension of its path, and what a reader calls it. */
const downloadNames = { csv: "CSV", ndjson: "NDJSON" } as const;

type DownloadExtension = keyof typeof downloadNames;

/** Which rows a download has. */
export type ExportOptions = {
  /** The path of the view. */
  readonly path: string;
  readonly search: URLSearchParams;
  /**
   * The instant that the view is as of, where its endpoint takes `as_recorded_at`: the download then has the rows of the view,
   * whatever is recorded meanwhile.
   */
  readonly asOf?: string;
  /** What of the view the download has, where that is not the rows of its list. */
  readonly part?: string;
  readonly extensions?: readonly DownloadExtension[];
};

/** Links to all rows of a view as files, without pages; or to a part of it. A key leads to the rows. */
export function exportsNav({
  path,
  search,
  asOf,
  part,
  extensions = ["csv", "ndjson"],
}: ExportOptions): Html {
  const query = new URLSearchParams(search);
  for (const name of ["limit", "cursor"]) query.delete(name);
  if (asOf !== undefined) query.set("as_recorded_at", asOf);
  return html`<nav class="exports" aria-label="Downloads${part !== undefined && ` of ${part}`}">
${extensions.map((extension, index) => {
  const key = part === undefined && index === 0 && raw(' data-key="e"');
  return html`<a href="${link(`${path}.${extension}`, query)}"${key}>Download ${part ?? "all rows"} as ${downloadNames[extension]}</a>\n`;
})}</nav>`;
}
