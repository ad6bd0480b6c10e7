import { createPaymentService } from "@takings/domain";
import {
  applyTopology,
  createEventPublisher,
  type NatsLink,
  openLink,
  waitUntilCaughtUp,
} from "@takings/nats";
import { withReconciliationStore } from "@takings/postgres";
import {
  createStripeLists,
  reconcile,
  type ReconcileReport,
  type ReconcileRequest,
} from "@takings/reconcile";
import {
  eventually,
  type FakeStripe,
  fakeStripe,
  fakeStripeKey,
  startService,
  type StripeObject,
  testDatabase,
  testNats,
} from "@takings/testkit";
import { after, afterEach, before, beforeEach } from "mocha";
import { Client } from "pg";

/** All parts of a reconciliation, real except for Stripe. */
type TestContext = AsyncDisposable & {
  /** Reconciles with the NATS user and the PostgreSQL role that production uses. */
  reconcile(stripe: FakeStripe, options?: RunOptions): Promise<ReconcileReport>;
  /** Publishes an event as ingress would, and waits until it is stored. */
  deliver(event: StripeObject): Promise<void>;
  readonly client: Client;
  /** Deletes all events, entries, gaps and reconciliations. */
  empty(): Promise<void>;
};

/** How a run differs from the default. */
export type RunOptions = {
  readonly requested?: ReconcileRequest["requested"];
  readonly dryRun?: boolean;
  readonly account?: string;
  readonly now?: Date;
  /** The run is interrupted after this many pages. */
  readonly pages?: number;
  readonly responseTimeoutMs?: number;
};

/** What the tests of a suite share: one context, and for each test a new fake of Stripe and an empty database. */
export type TestSuite = {
  readonly context: TestContext;
  readonly stripe: FakeStripe;
  /** Counts the tests. Each test uses its own ids, because the stream remembers the ids of earlier tests. */
  readonly test: number;
};

/** Registers the hooks of a suite; to be called in its `describe`. */
export function useTestSuite(): TestSuite {
  let context: TestContext | undefined;
  let stripe: FakeStripe | undefined;
  let test = 0;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    test += 1;
    stripe = await fakeStripe();
    await context?.empty();
  });
  afterEach(() => stripe?.[Symbol.asyncDispose]());
  return {
    get context() {
      if (context === undefined) throw new Error("the context exists only while the suite runs");
      return context;
    },
    get stripe() {
      if (stripe === undefined) throw new Error("the fake of Stripe exists only while a test runs");
      return stripe;
    },
    get test() {
      return test;
    },
  };
}

async function createTestContext(): Promise<TestContext> {
  const [nats, database] = await Promise.all([testNats(), testDatabase()]);
  const admin = await openLink({ url: nats.urls.admin, name: "admin" });
  await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 50_000_000 });
  const client = new Client({ connectionString: database.superuserUrl });
  await client.connect();
  const consumer = await startService("consumer", {
    NATS_URL: nats.urls.consumer,
    DATABASE_URL: database.writerUrl,
  });
  const linkOf = async (user: "ingress" | "reconcile"): Promise<NatsLink> => {
    const link = await openLink({ url: nats.urls[user], name: user });
    await link.connected(5_000);
    return link;
  };
  const [ingress, reconciling] = await Promise.all([linkOf("ingress"), linkOf("reconcile")]);
  return {
    client,
    async empty() {
      await client.query(
        "truncate takings.events, takings.ledger, takings.payment_objects, takings.gaps, takings.reconciliations cascade",
      );
    },
    reconcile(stripe, options = {}) {
      const {
        requested = {},
        dryRun = false,
        account = null,
        now = new Date(),
        pages,
        responseTimeoutMs,
      } = options;
      const scope = { source: "default", account, livemode: false };
      const publisher = createEventPublisher(reconciling, { ackTimeoutMs: 4_000 });
      const stopping = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        seen += 1;
        if (seen === pages) stopping.abort(new Error("interrupted"));
      };
      return withReconciliationStore(database.reconcilerUrl, scope, (store) =>
        reconcile(
          { scope, requested, dryRun },
          {
            lists: createStripeLists({
              apiKey: fakeStripeKey,
              apiUrl: new URL(stripe.url),
              account,
              responseTimeoutMs,
              stopping: stopping.signal,
            }),
            store,
            payments: createPaymentService(),
            publish: ({ id, type, body }) =>
              publisher.publish({ id, source: scope.source, type, body, headers: {} }),
            waitUntilCommitted: () => waitUntilCaughtUp(reconciling, 10_000),
            now: () => now,
            stopping: stopping.signal,
            onProgress,
          },
        ),
      );
    },
    async deliver(event) {
      const { publish } = createEventPublisher(ingress, { ackTimeoutMs: 4_000 });
      // Webhooks are formatted differently than responses of the API.
      const body = Buffer.from(JSON.stringify({ ...event, pending_webhooks: 1 }, undefined, 2));
      await publish({ id: event.id, source: "default", type: String(event["type"]), body, headers: {} });
      await eventually("the event to be stored", async () => {
        const { rows } = await client.query("select from takings.events where event_id = $1", [event.id]);
        return rows.length === 1;
      });
    },
    async [Symbol.asyncDispose]() {
      await consumer[Symbol.asyncDispose]();
      await Promise.all([admin, ingress, reconciling].map((link) => link.close()));
      await client.end();
      await Promise.all([database.drop(), nats.close()]);
    },
  };
}
