import {
  applyEndpoint,
  beginRotation,
  type EndpointDependencies,
  finishRotation,
  type FoundEndpoint,
  type SecretStore,
  type StripeEndpoints,
} from "@takings/endpoint";
import { expect } from "chai";
import { describe, it } from "mocha";
import { memoryStore, type MemoryStore, wanted } from "./test-context.ts";

const oldVersion = { ...wanted, apiVersion: "2024-06-20" };

/** Endpoints and secrets in memory. After each change, no two enabled endpoints have different API versions. */
type World = {
  readonly endpoints: Map<string, FoundEndpoint>;
  /** By the endpoint's id. */
  readonly secrets: Map<string, string>;
  readonly store: MemoryStore;
  readonly dependencies: EndpointDependencies;
};

function createWorld(): World {
  const endpoints = new Map<string, FoundEndpoint>();
  const secrets = new Map<string, string>();
  const store = memoryStore();
  const put = (endpoint: FoundEndpoint): void => {
    endpoints.set(endpoint.id, endpoint);
    const enabled = [...endpoints.values()].filter((one) => one.enabled);
    expect(new Set(enabled.map(({ apiVersion }) => apiVersion)).size).to.be.at.most(1);
  };
  const stripe: StripeEndpoints = {
    list: () => Promise.resolve([...endpoints.values()]),
    create: ({ url, types, apiVersion, metadata }) => {
      const id = `we_${secrets.size}`;
      const endpoint = { id, url, types, apiVersion, metadata, enabled: true, created: 1 };
      const secret = `whsec_${id}`;
      secrets.set(id, secret);
      put(endpoint);
      return Promise.resolve({ endpoint, secret });
    },
    update: (id, { metadata, ...update }) => {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) return Promise.reject(new Error(`there is no ${id}`));
      put({ ...endpoint, ...update, metadata: { ...endpoint.metadata, ...metadata } });
      return Promise.resolve();
    },
    remove: (id) => Promise.resolve(void endpoints.delete(id)),
  };
  const stopping = new AbortController().signal;
  const dependencies = { stripe, secrets: store, onChange: () => {}, settleMs: 0, stopping };
  return { endpoints, secrets, store, dependencies };
}

/** Runs `act` until its nth call to Stripe or the store has had its effect. Returns whether it got there. */
async function interrupt(
  { stripe, secrets, ...rest }: EndpointDependencies,
  nth: number,
  act: (dependencies: EndpointDependencies) => Promise<unknown>,
): Promise<boolean> {
  let calls = 0;
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      if (calls > nth) throw new Error("killed");
      const result = await call(...args);
      if (calls === nth) throw new Error("killed");
      return result;
    };
  const guardedStripe: StripeEndpoints = {
    list: guard(stripe.list),
    create: guard(stripe.create),
    update: guard(stripe.update),
    remove: guard(stripe.remove),
  };
  const guardedSecrets: SecretStore = {
    read: guard(secrets.read),
    update: guard(secrets.update),
    requireWritable: guard(secrets.requireWritable),
  };
  await act({ ...rest, stripe: guardedStripe, secrets: guardedSecrets }).catch((error: unknown) => {
    expect(String(error)).to.contain("killed");
  });
  return calls >= nth;
}

const apply = (dependencies: EndpointDependencies): Promise<unknown> => applyEndpoint(wanted, dependencies);

/** What is interrupted, in which state, and how many endpoints may be left at the end. */
const scenarios: Readonly<
  Record<
    string,
    {
      readonly prepare: (world: World) => Promise<unknown>;
      readonly act: (dependencies: EndpointDependencies) => Promise<unknown>;
      readonly left: readonly number[];
    }
  >
> = {
  "the first apply": { prepare: () => Promise.resolve(), act: apply, left: [1] },
  "a change of version": {
    prepare: ({ dependencies }) => applyEndpoint(oldVersion, dependencies),
    act: apply,
    left: [1],
  },
  "the replacement of a lost secret": {
    prepare: async ({ dependencies, store }) => {
      await apply(dependencies);
      store.secrets = [];
    },
    act: apply,
    left: [1],
  },
  "a rotation": {
    prepare: ({ dependencies }) => apply(dependencies),
    act: (dependencies) => beginRotation(wanted, dependencies),
    left: [1, 2],
  },
  "the end of a rotation": {
    prepare: async ({ dependencies }) => {
      await apply(dependencies);
      await beginRotation(wanted, dependencies);
    },
    act: (dependencies) => finishRotation(wanted, dependencies),
    left: [1, 2],
  },
};

/** The first, second, … call, until `run` says that there are no more. Returns how many there are. */
async function eachCall(run: (nth: number) => Promise<boolean>): Promise<number> {
  for (let nth = 1; ; nth += 1) if (!(await run(nth))) return nth - 1;
}

describe("Two interruptions", () => {
  for (const [name, { prepare, act, left }] of Object.entries(scenarios)) {
    it(`of ${name}, at any steps, are healed by the next apply`, async () => {
      const steps = await eachCall(async (first) => {
        let isReached = false;
        await eachCall(async (second) => {
          const world = createWorld();
          const { endpoints, secrets, store, dependencies } = world;
          await prepare(world);
          isReached = await interrupt(dependencies, first, act);
          const isSecondReached = await interrupt(dependencies, second, apply);
          const plan = await applyEndpoint(wanted, dependencies);
          const where = JSON.stringify([first, second]);
          expect(plan.changes, where).to.be.empty;
          expect(left, where).to.include(endpoints.size);
          for (const { id, enabled } of endpoints.values()) {
            expect(enabled, where).to.equal(true);
            expect(store.secrets, where).to.include(secrets.get(id));
          }
          return isReached && isSecondReached;
        });
        return isReached;
      });
      expect(steps).to.be.greaterThan(4);
    });
  }
});
