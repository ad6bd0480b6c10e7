import {
  createStripeEndpoints,
  type EndpointChange,
  type EndpointDependencies,
  fingerprintOf,
  type FoundEndpoint,
  type SecretStore,
  type WantedEndpoint,
  wantedEndpoint,
} from "@takings/endpoint";
import { type FakeEndpointApi, fakeEndpointApi, fakeEndpointKey } from "@takings/simulator";

/** The endpoint that the tests want. */
export const wanted: WantedEndpoint = wantedEndpoint({
  url: "https://takings.example/webhooks/stripe",
  source: "default",
  connect: false,
});
export const secret = "whsec_0123456789abcdef";

/** An endpoint of ours as wanted, whose secret is {@link secret}; `fields` replace some of it. */
export function found(fields: Partial<FoundEndpoint> = {}): FoundEndpoint {
  const { url, types, apiVersion } = wanted;
  return { id: "we_1", url, types, apiVersion, enabled: true, created: 1, metadata: marks(), ...fields };
}

/** Our marks; `undefined` values are left out. */
export function marks(fields: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const all = {
    managed_by: "takings",
    takings_source: "default",
    takings_connect: "false",
    takings_secret: fingerprintOf(secret),
    ...fields,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** Secrets in memory. */
export type MemoryStore = SecretStore & { secrets: readonly string[] };

export function memoryStore(secrets: readonly string[] = []): MemoryStore {
  const store: MemoryStore = {
    secrets,
    read: () => Promise.resolve(store.secrets),
    update: (change) => Promise.resolve(void (store.secrets = change(store.secrets))),
    requireWritable: () => Promise.resolve(),
  };
  return store;
}

/** The fake of Stripe's API, a store, and what connects them. */
export type EndpointContext = AsyncDisposable & {
  readonly fake: FakeEndpointApi;
  readonly store: MemoryStore;
  readonly dependencies: EndpointDependencies;
  /** The kinds of the changes that were carried out. */
  readonly applied: EndpointChange["kind"][];
};

export async function endpointContext(): Promise<EndpointContext> {
  const fake = await fakeEndpointApi();
  const store = memoryStore();
  const applied: EndpointChange["kind"][] = [];
  const stopping = new AbortController().signal;
  const stripe = createStripeEndpoints({ apiKey: fakeEndpointKey, apiUrl: new URL(fake.url), stopping });
  return {
    fake,
    store,
    applied,
    dependencies: {
      stripe,
      secrets: store,
      onChange: ({ kind }) => void applied.push(kind),
      settleMs: 0,
      stopping,
    },
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}
