import { randomBytes } from "node:crypto";
import { freePorts } from "@takings/local";
import { applyTopology, openLink } from "@takings/nats";
import { paymentEvent, postWebhook, testSecret } from "@takings/simulator";
import {
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestService,
} from "@takings/testkit";

/** The three services with their own servers. Addresses stay the same when a service is restarted. */
export type Product = AsyncDisposable & {
  readonly nats: TestNats;
  readonly database: TestDatabase;
  /** The metrics endpoints: host and port by service. */
  readonly targets: Readonly<Record<ServiceName, string>>;
  service(name: ServiceName): TestService;
  /** Starts the services that are not running, with `env` added to their environment. */
  start(env: Readonly<Record<string, string>>): Promise<void>;
  /** Sends a payment. @returns its event id and the response status. */
  send(payment?: Payment): Promise<{ readonly id: string; readonly status: number }>;
};

const names = ["ingress", "consumer", "revenue-query"] as const;
type ServiceName = (typeof names)[number];

type Payment = {
  readonly id?: string;
  readonly amount?: number;
  readonly currency?: string;
  /** The age of the event and of its signature. */
  readonly ageSeconds?: number;
  readonly signedSecondsAgo?: number;
  readonly secret?: string;
};

export async function startProduct(): Promise<Product> {
  const [nats, database, ports] = await Promise.all([testNats(), testDatabase(), freePorts(3)]);
  const link = await openLink({ url: nats.urls.admin, name: "test" });
  await applyTopology((await link.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
  await link.close();
  const portOf = (name: ServiceName): number => ports[names.indexOf(name)] ?? 0;
  const running = new Map<ServiceName, TestService>();
  const environments: Readonly<Record<ServiceName, Readonly<Record<string, string>>>> = {
    ingress: {
      NATS_URL: nats.urls.ingress,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS: testSecret,
    },
    consumer: { NATS_URL: nats.urls.consumer, DATABASE_URL: database.writerUrl },
    "revenue-query": { DATABASE_URL: database.readerUrl, ALLOW_ANONYMOUS: "true" },
  };
  const service = (name: ServiceName): TestService => {
    const found = running.get(name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  };
  return {
    nats,
    database,
    targets: {
      ingress: `127.0.0.1:${portOf("ingress")}`,
      consumer: `127.0.0.1:${portOf("consumer")}`,
      "revenue-query": `127.0.0.1:${portOf("revenue-query")}`,
    },
    service,
    async start(env) {
      for (const name of names) {
        if (running.get(name)?.isRunning() === true) continue;
        const own = { ADMIN_PORT: String(portOf(name)), OTEL_SERVICE_NAME: name };
        const started = await startService(name, { ...environments[name], ...own, ...env });
        running.set(name, started);
        await started.ready();
      }
    },
    send: (payment = {}) => send(service("ingress").url, payment),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((one) => one.end("SIGKILL")));
      await Promise.all([nats.close(), database.drop()]);
    },
  };
}

async function send(
  ingressUrl: string,
  { id = `evt_${randomBytes(8).toString("hex")}`, amount = 1_250, currency, secret, ...payment }: Payment,
): Promise<{ id: string; status: number }> {
  const { ageSeconds = 0, signedSecondsAgo = 0 } = payment;
  const now = Math.floor(Date.now() / 1_000);
  const { body } = paymentEvent({ id, amount, currency, livemode: true, created: now - ageSeconds });
  const signedAt = now - signedSecondsAgo;
  const { status } = await postWebhook({ url: ingressUrl, body, secret, signedAt });
  return { id, status };
}
