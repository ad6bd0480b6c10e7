import { accountId } from "@takings/runtime";
import { InvalidArgumentError, Option } from "commander";
import { Temporal } from "temporal-polyfill";
import { parseInstant } from "../options/instant.ts";
import { sourceOption } from "../options/source.ts";
import { type Clock, createClock } from "./file-time.ts";
import type { ReportName } from "./report.ts";

/** The options of `takings tie-out`. */
export type TieOutOptions = {
  readonly from?: string;
  readonly to?: string;
  readonly timezone: string;
  readonly account?: string;
  readonly livemode?: boolean;
  readonly source: string;
  readonly currency?: string;
  readonly reportingCategory?: string;
  readonly report?: ReportName;
  readonly anyway?: true;
  readonly json?: true;
};

/** Parser of a time zone of the IANA database. @throws InvalidArgumentError */
export function timeZoneOption(name: string): string {
  try {
    if (/^[A-Za-z]/.test(name)) {
      createClock(name);
      return name;
    }
  } catch {
    // Not a zone; see below.
  }
  throw new InvalidArgumentError("It must be a time zone of the IANA database such as Europe/Berlin.");
}

/** Parser of an account as in the API. @throws InvalidArgumentError */
export function accountOption(text: string): string {
  if (text === "*" || accountId().safeParse(text).success) return text;
  throw new InvalidArgumentError("It must be a Stripe account id such as acct_1032D82eZvKYlo2C, or *.");
}

/** Parser of the source, which is one: ids are unique within a source only. @throws InvalidArgumentError */
export function oneSourceOption(text: string): string {
  if (text !== "*") return sourceOption(text);
  throw new InvalidArgumentError(
    "A report of Stripe is of one account, and two sources may have transactions with one id: name the source.",
  );
}

/** Parser of a currency code. @throws InvalidArgumentError */
export function currencyOption(text: string): string {
  if (/^[A-Za-z]{3,5}$/.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It must be a currency code such as usd.");
}

/** The option of the mode. */
export function livemodeOption(): Option {
  return new Option("--livemode <true|false>", "live or test mode (default: DEFAULT_LIVEMODE)").argParser(
    (text) => {
      if (text === "true" || text === "false") return text === "true";
      throw new InvalidArgumentError("It must be true or false.");
    },
  );
}

/**
 * The instant of an end of a range, in seconds since 1970: an RFC 3339 instant, or the begin of a day of the time zone.
 * @throws Error naming the option when the text is neither.
 */
function boundSeconds(option: string, text: string, timezone: string): number {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const day = plainDate(text);
    if (day !== undefined) return day.toZonedDateTime({ timeZone: timezone }).epochMilliseconds / 1_000;
  }
  const instant = parseInstant(text);
  // Balance transactions have whole seconds, so the range holds the same ones from the next second on.
  if (instant !== undefined) return Math.ceil(instant.getTime() / 1_000);
  throw new Error(
    `${option} ${text} is neither a date such as 2026-10-01 nor an RFC 3339 instant such as 2026-10-01T00:00:00Z`,
  );
}

function plainDate(text: string): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDate.from(text, { overflow: "reject" });
  } catch {
    return undefined;
  }
}

/** The range and the clock of the options. @throws Error when an end is no time, or the range is empty. */
export function readRange(options: Pick<TieOutOptions, "from" | "to" | "timezone">): {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly clock: Clock;
} {
  const { from: first, to: end, timezone } = options;
  const from = first === undefined ? undefined : boundSeconds("--from", first, timezone);
  const to = end === undefined ? undefined : boundSeconds("--to", end, timezone);
  if (from !== undefined && to !== undefined && from >= to)
    throw new Error(`the range is empty: --from ${first} must be before --to ${end}`);
  return { from, to, clock: createClock(timezone) };
}
