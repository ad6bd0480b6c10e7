import type { Money } from "../../responses/money.ts";
import { escaped, type Html, html, raw } from "../html.ts";

/** Writes values for a reader: by their locale, and in the time zone of what is shown. */
export type Formats = {
  readonly locale: string;
  /**
   * An amount as `<data>`: its value is the API's `major`, its text is for the reader.
   * @param field the name of the figure in the API, such as `net`.
   */
  readonly money: (amount: Money, currency: string, field: string) => Html;
  /** The same as a text of HTML, for rows of which a view has a thousand. */
  readonly moneyMarkup: (amount: Money, currency: string, field: string) => string;
  /** An amount as a text, for titles and summaries. */
  readonly moneyText: (amount: Money, currency: string) => string;
  readonly count: (count: number) => string;
  /** An instant as `<time>`: date and time in a zone, to the second. */
  readonly instant: (moment: string, zone: string) => Html;
};

const instantParts: Intl.DateTimeFormatOptions = {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
};

/**
 * The formats of a locale, such as `de-DE`: its way of writing, with the calendar and digits of the ISO dates and ids that stand
 * beside.
 */
export function createFormats(tag: string): Formats {
  const locale = new Intl.Locale(tag, { calendar: "gregory", numberingSystem: "latn" }).toString();
  const counts = new Intl.NumberFormat(locale);
  const countTexts = new Map<number, string>();
  // Creating one takes longer than all that it formats for a page.
  const currencies = new Map<string, Intl.NumberFormat>();
  const newText = (amount: Money, currency: string): string => {
    const digits = amount.major.split(".")[1]?.length ?? 0;
    const format =
      currencies.get(currency) ??
      new Intl.NumberFormat(locale, {
        style: "currency",
        currency,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
    currencies.set(currency, format);
    // A decimal in a string is formatted exactly, whatever its length; a number would be a float.
    return format.format(amount.major as Intl.StringNumericLiteral);
  };
  // A chart, its table and its totals show the same amounts.
  const texts = new Map<string, string>();
  const moneyText = (amount: Money, currency: string): string => {
    const key = currency + amount.major;
    const text = texts.get(key) ?? newText(amount, currency);
    texts.set(key, text);
    return text;
  };
  const moneyMarkup: Formats["moneyMarkup"] = (amount, currency, field) =>
    `<data value="${escaped(amount.major)}" data-currency="${escaped(currency)}" data-field="${escaped(field)}">${escaped(moneyText(amount, currency))}</data>`;
  const zones = new Map<string, Intl.DateTimeFormat>();
  const zoneFormat = (timeZone: string): Intl.DateTimeFormat => {
    const format = zones.get(timeZone) ?? new Intl.DateTimeFormat(locale, { ...instantParts, timeZone });
    zones.set(timeZone, format);
    return format;
  };
  return {
    locale,
    moneyText,
    moneyMarkup,
    money: (amount, currency, field) => raw(moneyMarkup(amount, currency, field)),
    count(count) {
      const text = countTexts.get(count) ?? counts.format(count);
      countTexts.set(count, text);
      return text;
    },
    instant(moment, zone) {
      const text = zoneFormat(zone).format(Date.parse(moment));
      return html`<time datetime="${moment}">${text}</time>`;
    },
  };
}

const fallback = "en-GB";

/** Browsers send a few. */
const maxRanges = 10;

/** The first locale of an `Accept-Language` header that numbers can be written in. */
export function localeOf(acceptLanguage: string | undefined): string {
  for (const range of (acceptLanguage ?? "").split(",", maxRanges)) {
    const tag = range.split(";")[0]?.trim() ?? "";
    if (tag.length > 35 || !/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/.test(tag)) continue;
    try {
      const [supported] = Intl.NumberFormat.supportedLocalesOf(tag);
      if (supported !== undefined) return supported;
    } catch {
      // Not a language tag (RFC 5646): the next one may be.
    }
  }
  return fallback;
}
