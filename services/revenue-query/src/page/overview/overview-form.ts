import type { ParameterError } from "../../http/http-problem.ts";
import { intervals } from "../../time/calendar.ts";
import type { Html } from "../html.ts";
import { filterFields, rangeFields, scopeFields } from "../parts/filter-fields.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";

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
  filterFields.asRecordedAt,
];

/** The parameters of the overview as a form, with what is wrong with them. */
export function overviewForm(search: URLSearchParams, errors: readonly ParameterError[] = []): Html {
  return filterForm({ action: "/", label: "Range and filter", fields, search, errors });
}
