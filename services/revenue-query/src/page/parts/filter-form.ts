import type { ParameterError } from "../../http/http-problem.ts";
import { type Html, html, raw } from "../html.ts";

/** A field of a form of parameters. */
export type FilterField = {
  /** The name of the parameter. */
  readonly name: string;
  readonly label: string;
  /** What an empty field means. */
  readonly placeholder?: string;
  /** Values to choose from, each with its text; without them any text can be typed. */
  readonly choices?: readonly (readonly [value: string, text: string])[];
};

/** What a form of parameters shows. */
export type FilterFormOptions = {
  /** The path of the view. */
  readonly action: string;
  readonly label: string;
  readonly fields: readonly FilterField[];
  /** What was typed. */
  readonly search: URLSearchParams;
  /** What is wrong with it: shown beside the field, or above the form where it has none. */
  readonly errors?: readonly ParameterError[];
};

/** The parameters of a view as a form. What was typed stays, right or wrong. */
export function filterForm({ action, label, fields, search, errors = [] }: FilterFormOptions): Html {
  const others = errors.filter(({ parameter }) => fields.every(({ name }) => name !== parameter));
  return html`<form class="filters" method="get" action="${action}" aria-label="${label}">
${others.length > 0 && errorList(others)}
${fields.map((field) => {
  const details = errors.filter(({ parameter }) => parameter === field.name).map(({ detail }) => detail);
  return fieldOf(field, search.getAll(field.name).join(", "), details);
})}
<div class="field"><button>Show</button></div>
</form>`;
}

function errorList(errors: readonly ParameterError[]): Html {
  return html`<ul class="errors whole">
${errors.map(({ parameter, detail }) => html`<li class="error"><code>${parameter}</code> ${detail}</li>`)}
</ul>`;
}

function fieldOf(field: FilterField, value: string, errors: readonly string[]): Html {
  const { name, label } = field;
  const invalid = errors.length > 0 && raw(` aria-invalid="true" aria-describedby="${name}-error"`);
  return html`<div class="field">
<label for="field-${name}">${label}</label>
${field.choices === undefined ? input(field, value, invalid) : select(name, field.choices, value, invalid)}
${errors.length > 0 && html`<p class="error" id="${name}-error">${errors.join("; ")}</p>`}
</div>
`;
}

function input({ name, placeholder }: FilterField, value: string, invalid: Html | false): Html {
  return html`<input id="field-${name}" name="${name}" value="${value}" placeholder="${placeholder ?? ""}" autocomplete="off" spellcheck="false"${invalid}>`;
}

function select(
  name: string,
  choices: NonNullable<FilterField["choices"]>,
  value: string,
  invalid: Html | false,
): Html {
  // A value that is no choice was typed into the URL, and is shown back too.
  const known = choices.some(([choice]) => choice === value);
  const all = known ? choices : [...choices, [value, value] as const];
  return html`<select id="field-${name}" name="${name}"${invalid}>
${all.map(
  ([choice, text]) => html`<option value="${choice}"${choice === value && raw(" selected")}>${text}</option>`,
)}
</select>`;
}
