import type { ParameterError } from "../../http/http-problem.ts";
import type { Html } from "../html.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";
import type { FormView } from "../parts/show-with-form.ts";

const day = "2026-11-30";

/** The fields of a range. */
export const rangeFields: readonly FilterField[] = [
  { name: "from", label: "From", placeholder: day },
  { name: "to", label: "To (exclusive)", placeholder: day },
];

/** An instant to take the balance at. */
export const atField: FilterField = { name: "at", label: "At", placeholder: "now" };

const scopeFields: readonly FilterField[] = [
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
  { name: "as_recorded_at", label: "As recorded at", placeholder: "now" },
];

/** The view of an endpoint about the balance, with its parameters as a form. */
export function balanceFormView(
  view: { readonly title: string; readonly path: string; readonly fields: readonly FilterField[] },
  search: URLSearchParams,
): FormView {
  const form = (errors: readonly ParameterError[] = []): Html =>
    filterForm({
      action: view.path,
      label: "Range and filter",
      fields: [...view.fields, ...scopeFields],
      search,
      errors,
    });
  return { title: view.title, form };
}
