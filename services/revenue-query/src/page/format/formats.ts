import type { Money } from "../../responses/money.ts";
import { escaped, type Html, html, raw } from "../html.ts";
import type { IntlFormats } from "./intl-formats.ts";

/** Writes values for a reader: by their locale, and in the time zone of what is shown. */
export type Formats = {
  /**
   * An amount as `<data>`: its value is the API's `major`, its text is for the reader.
   * @param field the name of the figure in the API, such as `net`.
   */
  readonly money: (amount: Money, currency: string, field: string) => Html;
  /** The same as a text of HTML, for rows of which a view has a thousand. */
  readonly moneyMarkup: (amount: Money, currency: string, field: string) => string;
  /** An amount as a text, for titles and summaries. */
  readonly moneyText: (amount: Money, currency: string) => string;
  /** An amount in a few characters, such as `€1.2M`: for an axis. */
  readonly shortMoneyText: (amount: Money, currency: string) => string;
  readonly count: (count: number) => string;
  /** A ratio, written as a decimal, as a percentage with its sign. */
  readonly percent: (ratio: string) => string;
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

const shortMoney: Intl.NumberFormatOptions = {
  style: "currency",
  currencyDisplay: "narrowSymbol",
  notation: "compact",
  maximumFractionDigits: 2,
};

const signedPercent: Intl.NumberFormatOptions = {
  style: "percent",
  maximumFractionDigits: 1,
  signDisplay: "exceptZero",
};

/**
 * The formats of a locale, such as `de-DE`, for one request: its way of writing, with the calendar and digits of the ISO dates and
 * ids that stand beside.
 */
export function createFormats(tag: string, intl: IntlFormats): Formats {
  const locale = new Intl.Locale(tag, { calendar: "gregory", numberingSystem: "latn" }).toString();
  // A chart, its table and its totals show the same amounts and counts.
  const countTexts = new Map<number, string>();
  const moneyTexts = new Map<string, string>();
  const moneyText = (amount: Money, currency: string): string => {
    const key = currency + amount.major;
    const text = moneyTexts.get(key) ?? newMoneyText(amount, currency);
    moneyTexts.set(key, text);
    return text;
  };
  const currencies = new Map<string, Intl.NumberFormat>();
  const newMoneyText = ({ major }: Money, currency: string): string => {
    const format = currencies.get(currency) ?? currencyFormat(major.split(".")[1]?.length ?? 0, currency);
    currencies.set(currency, format);
    return exactly(format, major);
  };
  const currencyFormat = (digits: number, currency: string): Intl.NumberFormat =>
    intl.number(locale, {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const moneyMarkup: Formats["moneyMarkup"] = (amount, currency, field) =>
    `<data value="${escaped(amount.major)}" data-currency="${escaped(currency)}" data-field="${escaped(field)}">${escaped(moneyText(amount, currency))}</data>`;
  return {
    moneyText,
    moneyMarkup,
    money: (amount, currency, field) => raw(moneyMarkup(amount, currency, field)),
    shortMoneyText: ({ major }, currency) => exactly(intl.number(locale, { ...shortMoney, currency }), major),
    count(count) {
      const text = countTexts.get(count) ?? intl.number(locale).format(count);
      countTexts.set(count, text);
      return text;
    },
    percent: (ratio) => exactly(intl.number(locale, signedPercent), ratio),
    instant(moment, timeZone) {
      const text = intl.dateTime(locale, { ...instantParts, timeZone }).format(Date.parse(moment));
      return html`<time datetime="${moment}">${text}</time>`;
    },
  };
}

/** A decimal in a string is formatted exactly, whatever its length; a number would be a float. */
function exactly(format: Intl.NumberFormat, decimal: string): string {
  return format.format(decimal as Intl.StringNumericLiteral);
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
