import type { FilterField } from "./filter-form.ts";

/** The fields of the parameters that several views have. */
export const filterFields = {
  from: { name: "from", label: "From", placeholder: "2026-11-30" },
  to: { name: "to", label: "To (exclusive)", placeholder: "2026-11-30" },
  timezone: { name: "timezone", label: "Time zone", placeholder: "UTC" },
  currency: { name: "currency", label: "Currency", placeholder: "all" },
  account: { name: "account", label: "Account", placeholder: "the platform's own; * for all" },
  source: { name: "source", label: "Source", placeholder: "default; * for all" },
  asRecordedAt: { name: "as_recorded_at", label: "As recorded at", placeholder: "now" },
  livemode: {
    name: "livemode",
    label: "Mode",
    choices: [
      ["", "as installed"],
      ["true", "live"],
      ["false", "test"],
    ],
  },
} as const satisfies Readonly<Record<string, FilterField>>;

/** The ends of a range. */
export const rangeFields: readonly FilterField[] = [filterFields.from, filterFields.to];

/** What selects entries. */
export const scopeFields: readonly FilterField[] = [
  filterFields.timezone,
  filterFields.currency,
  filterFields.account,
  filterFields.livemode,
  filterFields.source,
];
