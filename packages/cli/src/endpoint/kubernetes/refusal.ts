import { TakingsError } from "@takings/domain";
import type { ApiRequest, ApiResponse } from "./api-request.ts";

/**
 * Why the API server did not do what was asked.
 * @param object what the request was about, such as `Secret takings-endpoint`.
 */
export function refusalOf(
  { method, path }: ApiRequest,
  { status, body }: ApiResponse,
  object: string,
): TakingsError {
  const asked = `${method} ${path}`;
  const message = messageOf(body);
  if (status >= 500 || status === 429) {
    return new TakingsError(
      "unavailable",
      `The Kubernetes API failed at ${asked} (status ${status}${message})`,
    );
  }
  return new TakingsError(
    "invalid",
    `The Kubernetes API refuses ${asked} (status ${status}${message}): ${adviceFor(status, object)}`,
  );
}

function adviceFor(status: number, object: string): string {
  if (status === 401) return "the token of the service account is not accepted; restart this pod";
  if (status === 403) {
    return `the service account of this pod needs a Role for ${object}, which the chart creates`;
  }
  if (status === 404) return `${object} does not exist; create it empty, as the chart does`;
  return `check ${object}`;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function messageOf(body: unknown): string {
  const message = typeof body === "object" && body !== null && "message" in body ? body.message : undefined;
  return typeof message === "string" ? `, ${message}` : "";
}
