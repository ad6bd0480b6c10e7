/** Parameters whose values name a file best, in this order. */
const named = [
  "from",
  "to",
  "interval",
  "currency",
  "status",
  "type",
  "payout",
  "reporting_category",
  "account",
];

const maxLength = 120;

/**
 * The name of a downloaded file, from the path and the query of its view: `takings-ledger-2024-03-01-2024-04-01.csv`. It
 * consists of characters that no file system and no header gives a meaning to, whatever the query has.
 */
export function fileName(path: string, search: URLSearchParams, extension: string): string {
  const values = named.flatMap((name) => search.get(name) ?? []);
  const mode = search.get("livemode") === "false" ? ["test"] : [];
  const recorded = search.get("as_recorded_at");
  const parts = [
    "takings",
    ...path.split("/"),
    ...values,
    ...mode,
    ...(recorded === null ? [] : ["as-of", recorded]),
  ];
  const stem = parts
    .map(safe)
    .filter((part) => part !== "")
    .join("-");
  return `${stem.slice(0, maxLength)}.${extension}`;
}

function safe(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]+/g, "-").replaceAll(/^-+|-+$/g, "");
}
