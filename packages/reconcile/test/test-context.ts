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
  fakeStripeKey,
  startService,
  type StripeObject,
  testDatabase,
  testNats,
} from "@takings/testkit";
import { Client } from "pg";

/** Everything that a reconciliation takes part in, all of it real but Stripe. */
export type TestContext = AsyncDisposable & {
  /** Reconciles with the rights of the user and the role that are made for it. */
  reconcile(stripe: FakeStripe, different?: Different): Promise<ReconcileReport>;
  /** Stores an event as ingress would, and waits until it is in the ledger. */
  deliver(event: StripeObject): Promise<void>;
  readonly client: Client;
  empty(): Promise<void>;
};

export type Different = {
  readonly asked?: ReconcileRequest["asked"];
  readonly dryRun?: boolean;
  readonly account?: string;
  readonly now?: Date;
  /** After that many pages the run is broken off. */
  readonly pages?: number;
  readonly responseTimeoutMs?: number;
};

export async function createTestContext(): Promise<TestContext> {
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
    reconcile(stripe, different = {}) {
      const {
        asked = {},
        dryRun = false,
        account = null,
        now = new Date(),
        pages,
        responseTimeoutMs,
      } = different;
      const scope = { account, livemode: false };
      const publisher = createEventPublisher(reconciling, { ackTimeoutMs: 4_000 });
      const stopping = new AbortController();
      let seen = 0;
      const onProgress = (): void => {
        seen += 1;
        if (seen === pages) stopping.abort(new Error("broken off"));
      };
      return withReconciliationStore(database.reconcilerUrl, scope, (store) =>
        reconcile(
          { scope, asked, dryRun },
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
            publish: ({ id, type, body }) => publisher.publish({ id, type, body, headers: {} }),
            caughtUp: () => waitUntilCaughtUp(reconciling, 10_000),
            now: () => now,
            stopping: stopping.signal,
            onProgress,
          },
        ),
      );
    },
    async deliver(event) {
      const { publish } = createEventPublisher(ingress, { ackTimeoutMs: 4_000 });
      // With other spacing than the API's, as Stripe delivers.
      const body = Buffer.from(JSON.stringify({ ...event, pending_webhooks: 1 }, undefined, 2));
      await publish({ id: event.id, type: String(event["type"]), body, headers: {} });
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
