import { writeFile } from "node:fs/promises";
import type { DoctorStack } from "../doctor-stack.ts";
import { type Planted, type PlantedFault, set } from "./planted-fault.ts";

type Endpoint = DoctorStack["stripe"]["book"]["endpoints"][number];

/** Changes the endpoint at Stripe, and changes it back. */
const endpoint =
  (fields: Partial<Pick<Endpoint, "status" | "types" | "url">>) =>
  ({ stripe }: DoctorStack): Promise<Planted> => {
    const [found] = stripe.book.endpoints;
    if (found === undefined) throw new Error("the fake of Stripe has no endpoint");
    const before = { ...found };
    Object.assign(found, fields);
    return Promise.resolve({ remove: () => Promise.resolve(Object.assign(found, before)) });
  };

const apply = /takings endpoint apply/;

/** Faults of the webhook endpoint at Stripe. */
export const endpointFaults: readonly PlantedFault[] = [
  {
    title: "an endpoint that Stripe has disabled",
    check: "stripe/endpoint",
    found: /^we_\w+ disabled, by Stripe/,
    advice: apply,
    plant: endpoint({ status: "disabled" }),
  },
  {
    title: "an endpoint that lacks event types",
    check: "stripe/endpoint",
    found: /does not receive .*payment_intent\.succeeded/,
    advice: apply,
    plant: endpoint({ types: ["charge.updated"] }),
  },
  {
    title: "an endpoint that sends elsewhere",
    check: "stripe/endpoint",
    found: /elsewhere\.example/,
    advice: apply,
    plant: endpoint({ url: "https://elsewhere.example/webhooks/stripe" }),
  },
  {
    title: "an endpoint whose secret is lost",
    check: "stripe/endpoint",
    found: /the secret of we_\w+ is not among the stored ones/,
    advice: apply,
    async plant({ secretFile }) {
      const file = `${secretFile}-of-endpoint`;
      await writeFile(file, "", { mode: 0o600 });
      return { environment: { STRIPE_ENDPOINT_SECRET_FILE: file } };
    },
  },
  {
    title: "a key that Stripe refuses",
    check: "stripe/endpoint",
    found: /key/i,
    advice: /the key/,
    plant: set({ STRIPE_API_KEY: "rk_test_anotherkey" }),
  },
  {
    title: "the path of another source in the endpoint's URL",
    check: "stripe/endpoint",
    found: /STRIPE_ENDPOINT_URL: is the path of another source/,
    advice: /configuration/,
    plant: set({ STRIPE_ENDPOINT_URL: "https://takings.example/webhooks/stripe/shop-eu" }),
  },
];
