import type { ParameterError } from "../../http/http-problem.ts";
import type { Html } from "../html.ts";
import { filterFields, scopeFields } from "../parts/filter-fields.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";
import type { FormView } from "../parts/show-with-form.ts";

/** An instant to take the balance at. */
export const atField: FilterField = { name: "at", label: "At", placeholder: "now" };

/** The view of an endpoint about the balance, with its parameters as a form. */
export function balanceFormView(
  view: { readonly title: string; readonly path: string; readonly fields: readonly FilterField[] },
  search: URLSearchParams,
): FormView {
  const form = (errors: readonly ParameterError[] = []): Html =>
    filterForm({
      action: view.path,
      label: "Range and filter",
      fields: [...view.fields, ...scopeFields, filterFields.asRecordedAt],
      search,
      errors,
    });
  return { title: view.title, form };
}
