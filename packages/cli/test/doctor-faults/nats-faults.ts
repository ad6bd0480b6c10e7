import { type LiveConnection, openLink } from "@takings/nats";
import { testNats } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { createTopology, type DoctorStack } from "../doctor-stack.ts";
import { type PlantedFault, set } from "./planted-fault.ts";

type JetStreamManager = Awaited<ReturnType<LiveConnection["nats"]["jetstreamManager"]>>;

async function withManager<T>(
  { nats }: DoctorStack,
  work: (manager: JetStreamManager) => Promise<T>,
): Promise<T> {
  const link = await openLink({ url: nats.urls.admin, name: "admin" });
  try {
    return await work(await (await link.connected(5_000)).nats.jetstreamManager());
  } finally {
    await link.close();
  }
}

async function publish({ nats }: DoctorStack, bytes: number): Promise<void> {
  const link = await openLink({ url: nats.urls.admin, name: "admin" });
  const { nats: connection } = await link.connected(5_000);
  await connection.jetstream().publish("stripe.events.invoice.paid", new Uint8Array(bytes));
  await link.close();
}

const purge = (stack: DoctorStack): Promise<unknown> =>
  withManager(stack, (manager) => manager.streams.purge(stream.name));

/** Faults of NATS, its stream and its consumer. */
export const natsFaults: readonly PlantedFault[] = [
  {
    title: "a NATS server that is not there",
    check: "nats/connection",
    found: /no NATS server responds at nats:\/\/127\.0\.0\.1:1/,
    advice: /NATS_URL/,
    plant: set({ NATS_URL: "nats://admin:test_admin@127.0.0.1:1" }),
  },
  {
    title: "a NATS user without its permissions",
    check: "nats/permissions",
    found: /^the user limited may not read the information of the stream/,
    advice: /nats-users/,
    async plant({ environment }) {
      const url = new URL(environment["NATS_URL"] ?? "");
      [url.username, url.password] = ["limited", "test_limited"];
      return { environment: { NATS_URL: url.href } };
    },
  },
  {
    title: "a server that confirms before it syncs",
    check: "nats/durability",
    found: /confirms before it syncs to disk/,
    advice: /TakingsDurabilityBroken/,
    async plant() {
      const other = await testNats({ rewrite: (config) => config.replace("sync_interval: always", "") });
      await createTopology(other);
      return {
        environment: { NATS_URL: other.urls.admin, NATS_MONITOR_URL: other.monitorUrl },
        remove: () => other.close(),
      };
    },
  },
  {
    title: "a stream whose events expire",
    check: "nats/stream",
    found: /max_age/,
    advice: /takings stream/,
    async plant(stack) {
      const age = (max_age: number): Promise<unknown> =>
        withManager(stack, (manager) => manager.streams.update(stream.name, { max_age }));
      await age(3_600_000_000_000);
      return { remove: () => age(0) };
    },
  },
  {
    title: "a stream that recognises duplicates for a shorter time",
    check: "nats/stream",
    found: /duplicate_window 60000000000 → 120000000000/,
    advice: /takings stream/,
    async plant(stack) {
      const window = (duplicate_window: number): Promise<unknown> =>
        withManager(stack, (manager) => manager.streams.update(stream.name, { duplicate_window }));
      await window(60_000_000_000);
      return { remove: () => window(120_000_000_000) };
    },
  },
  {
    title: "a consumer that gives up on events",
    check: "nats/consumer",
    found: /gives up on events after so many deliveries/,
    advice: /takings-stream/,
    async plant(stack) {
      const deliveries = (max_deliver: number): Promise<unknown> =>
        withManager(stack, (manager) => manager.consumers.update(stream.name, durable.name, { max_deliver }));
      await deliveries(3);
      return { remove: () => deliveries(-1) };
    },
  },
  {
    title: "a stream that is nearly full",
    check: "nats/space",
    found: /full to 9\d\.\d %/,
    advice: /TakingsStreamNearLimit/,
    async plant(stack) {
      await publish(stack, 9_500);
      const limit = (max_bytes: number): Promise<unknown> =>
        withManager(stack, (manager) => manager.streams.update(stream.name, { max_bytes }));
      await limit(10_000);
      return { remove: async () => (await purge(stack), limit(10_000_000)) };
    },
  },
  {
    title: "events that no consumer takes",
    check: "nats/lag",
    found: /^1 events wait, .* and 0 pulls of consumers wait$/,
    advice: /TakingsNoActiveConsumers/,
    async plant(stack) {
      await publish(stack, 100);
      return { lateMs: 0, remove: () => purge(stack) };
    },
  },
];
