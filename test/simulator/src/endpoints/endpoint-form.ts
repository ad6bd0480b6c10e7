import { type Answer, refusal } from "./answer.ts";

/** The parameters of a request to create or update an endpoint; what was not sent is `undefined`. */
export type EndpointForm = {
  url?: string;
  types?: string[];
  apiVersion?: string;
  connect?: boolean;
  disabled?: boolean;
  description?: string;
  /** Merged into the metadata; an empty value removes its key. */
  metadata?: Record<string, string>;
};

/** Reads a form. Unknown parameters are refused, as are those that Stripe takes only at creation, or only later. */
export function readForm(body: string, action: "create" | "update"): EndpointForm | Answer {
  const form: EndpointForm = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    if (key !== undefined) form.metadata = { ...form.metadata, [key]: value };
    else if (/^enabled_events\[\d*\]$/.test(name)) form.types = [...(form.types ?? []), value];
    else if (name === "url") form.url = value;
    else if (name === "description") form.description = value;
    else if (name === "api_version" && action === "create") form.apiVersion = value;
    else if (name === "connect" && action === "create") form.connect = value === "true";
    else if (name === "disabled" && action === "update") form.disabled = value === "true";
    else {
      const message = `Received unknown parameter: ${name}`;
      return refusal(400, { code: "parameter_unknown", message, param: name });
    }
  }
  return form;
}
