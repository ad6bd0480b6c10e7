/**
 * An SQL expression that formats a `timestamptz` as RFC 3339 in UTC with microseconds, without trailing zeros:
 * `2024-01-01T00:00:00Z`, `2024-01-01T00:00:00.5Z`. A `Date` would drop the microseconds.
 */
export function momentText(expression: string): string {
  const padded = `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  return `(rtrim(rtrim(${padded}, '0'), '.') || 'Z')`;
}
