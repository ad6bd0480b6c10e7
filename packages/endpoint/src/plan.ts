import type { Condition } from "./conditions.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** A step towards the wanted state. `reason` is a sentence for people. */
export type EndpointChange = { readonly reason: string } & (
  | {
      /** An endpoint with our URL and without our marks: left alone, unless it may be adopted. */
      readonly kind: "foreign";
      readonly endpoint: FoundEndpoint;
    }
  /** Marks a foreign endpoint as ours. Its secret is unknown, so it is replaced next. */
  | { readonly kind: "adopt"; readonly endpoint: FoundEndpoint }
  /** Disables an endpoint of another API version, so that no event is sent in two versions. */
  | { readonly kind: "disable"; readonly endpoint: FoundEndpoint }
  /** Creates an endpoint, stores its secret, and marks it with the secret's fingerprint. */
  | ({ readonly kind: "create" } & EndpointCreation)
  /** Changes what can be changed. */
  | {
      readonly kind: "update";
      readonly endpoint: FoundEndpoint;
      readonly differences: readonly Difference[];
    }
  /** Deletes an endpoint of ours, and its secret from the store. */
  | { readonly kind: "remove"; readonly endpoint: FoundEndpoint }
);

/** An endpoint that is to be created. */
export type EndpointCreation = {
  /** The one that stays beside it until the rotation is finished. */
  readonly rotates?: FoundEndpoint | undefined;
  /** The one of another API version that is enabled again where the new one cannot be had. */
  readonly fallback?: FoundEndpoint | undefined;
  /** An endpoint would be disabled for it, and Stripe would probably refuse it: the limit of endpoints is reached. */
  readonly lacksPlace?: boolean;
};

/** What differs of an endpoint that can be changed in place. */
export type Difference =
  | { readonly field: "url"; readonly found: string; readonly wanted: string }
  | { readonly field: "types"; readonly missing: readonly string[]; readonly extra: readonly string[] }
  | { readonly field: "enabled"; readonly found: false; readonly wanted: true };

/** How a plan is made. */
export type PlanOptions = {
  /** Whether endpoints with our URL and without our marks are taken over. */
  readonly adopt?: boolean;
  /**
   * Whether another process may be storing the secret of this endpoint, which has no fingerprint yet. It is then left alone
   * while another endpoint is usable. By default such an endpoint was left by an interrupted process.
   */
  readonly isInProgress?: (endpoint: FoundEndpoint) => boolean;
};

/** What is to be done, in this order, and how the endpoint is now. */
export type EndpointPlan = {
  readonly wanted: WantedEndpoint;
  /** The endpoints of ours for this source and kind that are to stay, oldest first. Two are a rotation in progress. */
  readonly kept: readonly FoundEndpoint[];
  /** All endpoints of ours for this source and kind. */
  readonly ours: readonly FoundEndpoint[];
  readonly changes: readonly EndpointChange[];
  readonly conditions: readonly Condition[];
};
