import type { FoundEndpoint, SecretStore, StripeEndpoints } from "@takings/endpoint";

/** Endpoints at Stripe as a list, which a test may change. */
export type MemoryStripe = StripeEndpoints & { endpoints: FoundEndpoint[] };

/** Creates it, without endpoints. The rules of Stripe's that do not matter to the watch are left out. */
export function memoryStripe(): MemoryStripe {
  const stripe: MemoryStripe = {
    endpoints: [],
    list: async () => stripe.endpoints,
    async create({ url, types, apiVersion, metadata }) {
      const created = stripe.endpoints.length + 1;
      const id = `we_${created}`;
      const endpoint = { id, url, types, apiVersion, metadata, enabled: true, created };
      stripe.endpoints = [...stripe.endpoints, endpoint];
      return { endpoint, secret: `whsec_of_${id}_0123456789` };
    },
    async update(id, { metadata, ...fields }) {
      stripe.endpoints = stripe.endpoints.map((one) =>
        one.id === id ? { ...one, ...fields, metadata: { ...one.metadata, ...metadata } } : one,
      );
    },
    async remove(id) {
      stripe.endpoints = stripe.endpoints.filter((one) => one.id !== id);
    },
  };
  return stripe;
}

/** A store of secrets in memory. */
export function memorySecrets(): SecretStore {
  let secrets: readonly string[] = [];
  return {
    read: async () => secrets,
    update: async (change) => void (secrets = change(secrets)),
    requireWritable: async () => {},
  };
}
