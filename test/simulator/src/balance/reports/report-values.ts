/** The digits after the decimal point of a currency, where they are not two. https://docs.stripe.com/currencies */
const decimals: Readonly<Record<string, number>> = { jpy: 0, krw: 0, kwd: 3, bhd: 3 };

/** An amount in major units: `12.30`, `-0.05`, `500`. */
export function major(amount: bigint, currency: string): string {
  const digits = decimals[currency] ?? 2;
  if (digits === 0) return amount.toString();
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, "0");
  return `${amount < 0n ? "-" : ""}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** A time as reports write it, in a zone: `2025-01-31 23:59:59`. */
export function localTime(zone: string): (time: number) => string {
  if (zone === "UTC") return (time) => new Date(time * 1_000).toISOString().slice(0, 19).replace("T", " ");
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (time) => format.format(time * 1_000);
}

/** A line of a CSV file. https://www.rfc-editor.org/rfc/rfc4180 */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",")}\n`;
}
