import { text } from "node:stream/consumers";
import { get } from "node:http";

/** The current values of a process's metrics by series, such as `takings_gaps{kind="refund"}`. */
export type MetricValues = ReadonlyMap<string, number>;

/** Reads the metrics of a service from its admin server. */
export async function readMetrics(adminUrl: string): Promise<MetricValues> {
  const body = await fetchText(`${adminUrl}/metrics`);
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

/** On a connection of its own, so that none is kept that a fault could break. */
function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => resolve(text(response))).on("error", reject);
  });
}
