/** The query of a URL, parsed from the URL itself: Express's query parsers would hide repeated and malformed parameters. */
export function searchOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}
