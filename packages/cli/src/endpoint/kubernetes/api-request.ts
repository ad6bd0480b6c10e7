import { request as requestSecure } from "node:https";
import { text } from "node:stream/consumers";
import { TakingsError } from "@takings/domain";
import type { ClusterAccess } from "./cluster-access.ts";

/** A request for the Kubernetes API. */
export type ApiRequest = {
  readonly method: "GET" | "PATCH" | "POST";
  /** Such as `/api/v1/namespaces/takings/secrets/takings-endpoint`. */
  readonly path: string;
  /** What is sent as JSON. */
  readonly body?: object;
};

/** The answer to it. `body` is JSON; `undefined` where it is not. */
export type ApiResponse = { readonly status: number; readonly body: unknown };

const timeoutMs = 10_000;

/**
 * Sends one request to the API server, once. Not with `fetch`, which cannot trust an authority for one connection only: the
 * cluster's authority must not vouch for Stripe.
 * @throws TakingsError `unavailable` where there is no complete response in time.
 */
export async function requestCluster(
  access: ClusterAccess,
  { method, path, body }: ApiRequest,
): Promise<ApiResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  // https://www.rfc-editor.org/rfc/rfc7396: fields that are not named stay as they are.
  const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  const request = requestSecure(
    new URL(path, access.url),
    {
      method,
      // One request a minute: a kept connection would only be found closed.
      agent: false,
      ca: access.authority(),
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        authorization: `Bearer ${access.token()}`,
        accept: "application/json",
        ...(sent !== undefined && {
          "content-type": contentType,
          "content-length": Buffer.byteLength(sent),
        }),
      },
    },
    (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, body: parsed(answer) }),
        reject,
      );
    },
  );
  request.on("error", reject);
  request.end(sent);
  try {
    return await promise;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TakingsError(
      "unavailable",
      `The Kubernetes API at ${access.url.host} did not answer ${method} ${path} (${reason}): check the network and ` +
        "the NetworkPolicy of this pod",
      { cause: error },
    );
  }
}

function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
