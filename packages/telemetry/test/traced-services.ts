import { randomBytes } from "node:crypto";
import { applyTopology, openLink } from "@takings/nats";
import { paymentEvent, postWebhook, testSecret } from "@takings/simulator";
import {
  eventually,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestService,
} from "@takings/testkit";

type Env = Readonly<Record<string, string>>;

/** The servers that ingress and the consumer use. */
export type TestContext = AsyncDisposable & {
  readonly nats: TestNats;
  readonly database: TestDatabase;
  startIngress(env: Env): Promise<TestService>;
  startConsumer(env: Env): Promise<TestService>;
};

export async function createTestContext(): Promise<TestContext> {
  const [nats, database]: [TestNats, TestDatabase] = await Promise.all([testNats(), testDatabase()]);
  const link = await openLink({ url: nats.urls.admin, name: "test" });
  const { nats: admin } = await link.connected(5_000);
  await applyTopology(admin, { replicas: 1, maxBytes: 50_000_000 });
  await link.close();
  return {
    nats,
    database,
    startIngress: (env) =>
      startReady("ingress", {
        NATS_URL: nats.urls.ingress,
        NATS_MONITOR_URL: nats.monitorUrl,
        STRIPE_WEBHOOK_SECRETS: testSecret,
        OTEL_SERVICE_NAME: "ingress",
        ...env,
      }),
    startConsumer: (env) =>
      startReady("consumer", {
        NATS_URL: nats.urls.consumer,
        DATABASE_URL: database.writerUrl,
        OTEL_SERVICE_NAME: "consumer",
        ...env,
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([nats.close(), database.drop()]);
    },
  };
}

async function startReady(name: "ingress" | "consumer", env: Env): Promise<TestService> {
  const service = await startService(name, env);
  await service.ready();
  return service;
}

/** Sends a payment through ingress; resolves with its event id once it is stored. */
export async function sendPayment(
  ingress: TestService,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { id, status } = await send(ingress, { headers });
  if (status !== 200) throw new Error(`ingress answered ${status}`);
  return id;
}

/** Sends a payment of this amount through ingress; resolves with its event id and the response's status. */
export async function send(
  ingress: TestService,
  { headers = {}, amount }: { headers?: Readonly<Record<string, string>>; amount?: number },
): Promise<{ readonly id: string; readonly status: number }> {
  const id = `evt_${randomBytes(8).toString("hex")}`;
  const { body } = paymentEvent({ id, amount });
  const { status } = await postWebhook({ url: ingress.url, body, headers });
  return { id, status };
}

/** The log line of a service about an event. */
export function lineAbout(
  service: TestService,
  message: string,
  eventId: string,
): Promise<Readonly<Record<string, unknown>>> {
  return eventually(`${message} of ${eventId}`, () =>
    service.lines().find(({ msg, event_id }) => msg === message && event_id === eventId),
  );
}
