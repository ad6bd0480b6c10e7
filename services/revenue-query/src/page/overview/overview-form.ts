import type { ParameterError } from "../../http/http-problem.ts";
import { intervals } from "../../time/calendar.ts";
import type { Html } from "../html.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";

const placeholder = "2026-11-30";

/** The fields that select entries. */
export const scopeFields: readonly FilterField[] = [
  { name: "timezone", label: "Time zone", placeholder: "UTC" },
  { name: "currency", label: "Currency", placeholder: "all" },
  { name: "account", label: "Account", placeholder: "the platform's own; * for all" },
  {
    name: "livemode",
    label: "Mode",
    choices: [
      ["", "as installed"],
      ["true", "live"],
      ["false", "test"],
    ],
  },
  { name: "source", label: "Source", placeholder: "default; * for all" },
];

/** The ends of a range. */
export const rangeFields: readonly FilterField[] = [
  { name: "from", label: "From", placeholder },
  { name: "to", label: "To (exclusive)", placeholder },
];

const fields: readonly FilterField[] = [
  ...rangeFields,
  {
    name: "period",
    label: "Without dates",
    choices: [
      ["", "the current month"],
      ["all", "all time"],
    ],
  },
  {
    name: "interval",
    label: "Interval",
    choices: [["", "fitting the range"], ...intervals.map((name) => [name, name] as const)],
  },
  ...scopeFields,
  { name: "as_recorded_at", label: "As recorded at", placeholder: "now" },
];

/** The parameters of the overview as a form, with what is wrong with them. */
export function overviewForm(search: URLSearchParams, errors: readonly ParameterError[] = []): Html {
  return filterForm({ action: "/", label: "Range and filter", fields, search, errors });
}
