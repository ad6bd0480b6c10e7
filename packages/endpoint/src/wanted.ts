import { endpointTypes } from "@takings/wire";
import { Stripe } from "stripe";

/** A webhook endpoint as it should be at Stripe. */
export type WantedEndpoint = {
  /** Where Stripe sends events. */
  readonly url: string;
  /** The event types that it receives, and no others. */
  readonly types: readonly string[];
  /** The API version of the events' objects; fixed when an endpoint is created. */
  readonly apiVersion: string;
  /** The source whose events it receives. */
  readonly source: string;
  /** It receives events of connected accounts instead of the account's own; fixed when an endpoint is created. */
  readonly connect: boolean;
};

/** What an installation wants: the types that this release reads, in the API version that it is tested with. */
export function wantedEndpoint(place: Pick<WantedEndpoint, "url" | "source" | "connect">): WantedEndpoint {
  return { ...place, types: endpointTypes, apiVersion: Stripe.API_VERSION };
}
