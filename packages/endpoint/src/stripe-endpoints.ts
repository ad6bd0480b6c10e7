/** https://docs.stripe.com/webhooks: an account may have 16 webhook endpoints, unless Stripe raised its limit. */
export const usualLimit = 16;

/** A webhook endpoint as Stripe shows it. https://docs.stripe.com/api/webhook_endpoints/object */
export type FoundEndpoint = {
  readonly id: string;
  readonly url: string;
  /** `enabled_events`; `*` stands for almost every type. */
  readonly types: readonly string[];
  /** `null`: the account's default version, whichever that is. */
  readonly apiVersion: string | null;
  /** Not disabled by a user, nor by Stripe after days of failed deliveries. */
  readonly enabled: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly created: number;
};

/** What is sent to create an endpoint, which is enabled from then on. */
export type NewEndpoint = {
  readonly url: string;
  readonly types: readonly string[];
  readonly apiVersion: string;
  readonly connect: boolean;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
};

/** The endpoint and its signing secret, which Stripe shows only in this answer. */
export type CreatedEndpoint = { readonly endpoint: FoundEndpoint; readonly secret: string };

/** What is changed of an endpoint; what is left out stays. */
export type EndpointUpdate = {
  readonly url?: string;
  readonly types?: readonly string[];
  readonly enabled?: boolean;
  /** Merged into the metadata; an empty value removes its key. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/**
 * The webhook endpoints of one account in the mode of the key. Every call may be repeated. @throws TakingsError `unavailable`
 * where Stripe does not answer, `invalid` where it refuses, with the missing permission where that is the reason.
 */
export type StripeEndpoints = {
  /** All of them. */
  list(): Promise<readonly FoundEndpoint[]>;
  create(endpoint: NewEndpoint): Promise<CreatedEndpoint>;
  update(id: string, update: EndpointUpdate): Promise<void>;
  /** Deletes it. Does nothing where it does not exist any more. */
  remove(id: string): Promise<void>;
};
