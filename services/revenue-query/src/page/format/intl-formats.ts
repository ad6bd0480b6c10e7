import { LRUCache } from "lru-cache";

/** Creates the objects of `Intl`, and keeps those used last. */
export type IntlFormats = {
  readonly number: (locale: string, options?: Intl.NumberFormatOptions) => Intl.NumberFormat;
  readonly dateTime: (locale: string, options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat;
};

// Readers choose locale and zone, and each object takes some kilobytes outside the heap.
const maxNumberFormats = 300;
const maxDateTimeFormats = 50;

/** For all requests of a process: the first use of a format takes as long as the hundreds that follow. */
export function createIntlFormats(): IntlFormats {
  return {
    number: keep(maxNumberFormats, (...args) => new Intl.NumberFormat(...args)),
    dateTime: keep(maxDateTimeFormats, (...args) => new Intl.DateTimeFormat(...args)),
  };
}

function keep<Options, Format extends object>(
  max: number,
  create: (locale: string, options?: Options) => Format,
): (locale: string, options?: Options) => Format {
  const kept = new LRUCache<string, Format>({ max });
  return (locale, options) => {
    const key = JSON.stringify([locale, options]);
    const format = kept.get(key) ?? create(locale, options);
    kept.set(key, format);
    return format;
  };
}
