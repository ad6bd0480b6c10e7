import { type Answer, missing, refusal } from "./answer.ts";
import { type EndpointForm, readForm } from "./endpoint-form.ts";
import { knownTypes } from "./known-types.ts";
import { endpointObject, secretOf, type StoredEndpoint } from "./stored-endpoint.ts";

/** The webhook endpoints of an account in both modes, with the documented rules for changing them. */
export type EndpointBook = {
  /** All endpoints, oldest first. */
  readonly endpoints: StoredEndpoint[];
  create(livemode: boolean, body: string): Answer;
  update(livemode: boolean, id: string, body: string): Answer;
  remove(livemode: boolean, id: string): Answer;
  find(livemode: boolean, id: string): StoredEndpoint | undefined;
};

/** Endpoints of a mode; more are refused. */
const limit = 16;
const versionPattern = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/;

/** Creates one without endpoints. @param now Stripe's time, Unix seconds. */
export function createEndpointBook(now: () => number): EndpointBook {
  const endpoints: StoredEndpoint[] = [];
  let made = 0;
  const find = (livemode: boolean, id: string): StoredEndpoint | undefined =>
    endpoints.find((one) => one.id === id && one.livemode === livemode);
  return {
    endpoints,
    find,
    create(livemode, body) {
      const form = readForm(body, "create");
      if ("status" in form) return form;
      const problem = problemOf(form, livemode) ?? missingParameter(form);
      if (problem !== undefined) return problem;
      if (endpoints.filter((one) => one.livemode === livemode).length >= limit) {
        const mode = livemode ? "live" : "test";
        return refusal(400, {
          message: `You have reached the maximum of ${limit} ${mode} webhook endpoints.`,
        });
      }
      made += 1;
      const id = `we_${String(made).padStart(14, "0")}${livemode ? "live" : "test"}`;
      const endpoint: StoredEndpoint = {
        id,
        created: Math.floor(now()),
        livemode,
        secret: secretOf(id),
        apiVersion: form.apiVersion ?? null,
        connect: form.connect ?? false,
        url: form.url ?? "",
        types: form.types ?? [],
        status: "enabled",
        description: form.description ?? null,
        metadata: merged({}, form.metadata),
        failures: 0,
      };
      endpoints.push(endpoint);
      return { status: 200, body: { ...endpointObject(endpoint), secret: endpoint.secret } };
    },
    update(livemode, id, body) {
      const endpoint = find(livemode, id);
      if (endpoint === undefined) return missing("webhook endpoint", id, "webhook_endpoint");
      const form = readForm(body, "update");
      if ("status" in form) return form;
      const problem = problemOf(form, livemode);
      if (problem !== undefined) return problem;
      endpoint.url = form.url ?? endpoint.url;
      endpoint.types = form.types ?? endpoint.types;
      endpoint.description = form.description ?? endpoint.description;
      endpoint.metadata = merged(endpoint.metadata, form.metadata);
      if (form.disabled !== undefined) {
        endpoint.status = form.disabled ? "disabled" : "enabled";
        endpoint.failures = 0;
      }
      return { status: 200, body: endpointObject(endpoint) };
    },
    remove(livemode, id) {
      const endpoint = find(livemode, id);
      if (endpoint === undefined) return missing("webhook endpoint", id, "webhook_endpoint");
      endpoints.splice(endpoints.indexOf(endpoint), 1);
      return { status: 200, body: { id, object: "webhook_endpoint", deleted: true } };
    },
  };
}

function problemOf({ url, types, apiVersion }: EndpointForm, livemode: boolean): Answer | undefined {
  const parsed = url === undefined ? undefined : URL.parse(url);
  if (parsed === null || (parsed !== undefined && !/^https?:$/.test(parsed.protocol)))
    return refusal(400, { code: "url_invalid", message: "Not a valid URL", param: "url" });
  // In live mode only: https://docs.stripe.com/webhooks
  if (livemode && parsed?.protocol === "http:") {
    return refusal(400, {
      code: "url_invalid",
      message: "Invalid URL: An https URL is required in live mode.",
      param: "url",
    });
  }
  const unknown = types?.find((type) => !knownTypes.some((known) => known === type));
  if (unknown !== undefined) {
    const message = `Invalid enabled_events: must be one of *, account.updated, … (not ${unknown})`;
    return refusal(400, { message, param: "enabled_events" });
  }
  if (apiVersion !== undefined && !versionPattern.test(apiVersion))
    return refusal(400, { message: `Invalid Stripe API version: ${apiVersion}`, param: "api_version" });
  return undefined;
}

function missingParameter({ url, types }: EndpointForm): Answer | undefined {
  const param = url === undefined ? "url" : types === undefined ? "enabled_events" : undefined;
  if (param === undefined) return undefined;
  return refusal(400, { code: "parameter_missing", message: `Missing required param: ${param}.`, param });
}

/** https://docs.stripe.com/api/metadata: an empty value removes its key. */
function merged(
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ""));
}
