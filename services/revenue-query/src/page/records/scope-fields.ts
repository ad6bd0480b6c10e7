import type { FilterField } from "../parts/filter-form.ts";

/** Fields of the forms of lists, whose parameters have the same names. */
export const listFields = {
  from: { name: "from", label: "From", placeholder: "2026-11-30" },
  to: { name: "to", label: "To (exclusive)", placeholder: "2026-11-30" },
  timezone: { name: "timezone", label: "Time zone", placeholder: "UTC" },
  currency: { name: "currency", label: "Currency", placeholder: "all" },
  account: { name: "account", label: "Account", placeholder: "the platform's own; * for all" },
  source: { name: "source", label: "Source", placeholder: "default; * for all" },
  recorded: { name: "as_recorded_at", label: "As recorded at", placeholder: "now" },
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
