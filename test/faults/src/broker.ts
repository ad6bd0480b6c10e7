import { createEventPublisher, durableConfig, openLink, streamConfig } from "@takings/nats";
import type { StripeEvent } from "@takings/simulator";
import { durable, stream } from "@takings/wire";

/** Progress of the durable consumer. */
type DurableState = {
  readonly ackFloor: number;
  readonly outstanding: number;
  readonly redelivered: number;
};

/** The broker, used as its administrator; reconnects after a restart. */
export type Broker = {
  /** A request to the JetStream API (below `$JS.API.`); rejects with its error. */
  api(subject: string, body?: unknown): Promise<Record<string, unknown>>;
  publish(subject: string, body: string): Promise<Record<string, unknown>>;
  /** Stores an event as ingress does; resolves when the stream has confirmed it. */
  store(event: StripeEvent): Promise<void>;
  /** Updates the stream to its usual configuration with these changes. */
  configureStream(changes?: Readonly<Record<string, unknown>>): Promise<void>;
  createStream(): Promise<void>;
  configureDurable(changes?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Shortens ack-wait, so that a killed consumer's events are redelivered after 3 s instead of 30 s. */
  shortenAckWait(): Promise<void>;
  durable(): Promise<DurableState>;
  messages(): Promise<number>;
  close(): Promise<void>;
};

const maxBytes = 2_000_000_000;
const timeout = 5_000;
const shortAckWaitMs = 3_000;
const connectTimeoutMs = 30_000;

/** Connects as the administrator. @param replicas how many the stream has. */
export async function openBroker(url: string, replicas: number): Promise<Broker> {
  const link = await openLink({ url, name: "admin" });
  const publisher = createEventPublisher(link, { ackTimeoutMs: timeout });

  async function request(subject: string, body: string): Promise<Record<string, unknown>> {
    const { nats } = await link.connected(connectTimeoutMs);
    const response = (await nats.request(subject, body, { timeout })).json<Record<string, unknown>>();
    if (response["error"] !== undefined) throw new Error(`${subject}: ${JSON.stringify(response["error"])}`);
    return response;
  }
  const api: Broker["api"] = (subject, body) =>
    request(`$JS.API.${subject}`, body === undefined ? "" : JSON.stringify(body));
  const config = streamConfig({ replicas, maxBytes });
  const configureDurable: Broker["configureDurable"] = async (changes = {}) => {
    await api(`CONSUMER.DURABLE.CREATE.${stream.name}.${durable.name}`, {
      stream_name: stream.name,
      config: { ...durableConfig(), ...changes },
    });
  };

  return {
    api,
    publish: request,
    async store({ id, type, body }) {
      await publisher.publish({ id, source: "default", type, body: Buffer.from(body), headers: {} });
    },
    configureDurable,
    shortenAckWait: () => configureDurable({ ack_wait: shortAckWaitMs * 1e6 }),
    async configureStream(changes = {}) {
      await api(`STREAM.UPDATE.${stream.name}`, { ...config, ...changes });
    },
    async createStream() {
      await api(`STREAM.CREATE.${stream.name}`, config);
    },
    async durable() {
      const info = await api(`CONSUMER.INFO.${stream.name}.${durable.name}`);
      const count = (name: string): number => Number(info[name]);
      const { stream_seq: ackFloor } = info["ack_floor"] as { stream_seq: number };
      return {
        ackFloor,
        outstanding: count("num_pending") + count("num_ack_pending"),
        redelivered: count("num_redelivered"),
      };
    },
    async messages() {
      const { state } = await api(`STREAM.INFO.${stream.name}`);
      return (state as { messages: number }).messages;
    },
    close: link.close,
  };
}
