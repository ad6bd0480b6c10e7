/** Per second, of the installations chosen. */
export function rate(counter: string, labels = ""): string {
  return `rate(${counter}{namespace=~"$namespace"${labels === "" ? "" : `, ${labels}`}}[$__rate_interval])`;
}

/** A quantile of a histogram, over all processes of the installations chosen. */
export function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, sum by (le) (${rate(`${histogram}_bucket`)}))`;
}
