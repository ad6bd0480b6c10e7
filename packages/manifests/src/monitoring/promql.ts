/** Rate per second, for the selected installations. */
export function rate(counter: string, labels = ""): string {
  return `rate(${counter}{namespace=~"$namespace"${labels === "" ? "" : `, ${labels}`}}[$__rate_interval])`;
}

/** A quantile of a histogram over all processes of the selected installations. */
export function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, sum by (le) (${rate(`${histogram}_bucket`)}))`;
}
