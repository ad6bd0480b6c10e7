import { createHash } from "node:crypto";
import type { Members } from "../json.ts";

/** A webhook endpoint as the fake keeps it. */
export type StoredEndpoint = {
  readonly id: string;
  readonly created: number;
  readonly livemode: boolean;
  /** Signs its deliveries; shown once, in the answer to its creation. */
  readonly secret: string;
  /** Fixed at creation; `null`: the account's default version. */
  readonly apiVersion: string | null;
  /** Fixed at creation, and not shown. */
  readonly connect: boolean;
  url: string;
  types: readonly string[];
  status: "enabled" | "disabled";
  description: string | null;
  metadata: Readonly<Record<string, string>>;
  /** Deliveries that failed one after the other. */
  failures: number;
};

/** https://docs.stripe.com/api/webhook_endpoints/object */
export function endpointObject(endpoint: StoredEndpoint): Members {
  const { id, apiVersion, created, description, types, livemode, metadata, status, url } = endpoint;
  return {
    id,
    object: "webhook_endpoint",
    api_version: apiVersion,
    application: null,
    created,
    description,
    enabled_events: [...types],
    livemode,
    metadata,
    status,
    url,
  };
}

/** A secret in the form of Stripe's, a different one for each endpoint. */
export function secretOf(id: string): string {
  return `whsec_${createHash("sha256").update(`secret of ${id}`).digest("hex").slice(0, 32)}`;
}
