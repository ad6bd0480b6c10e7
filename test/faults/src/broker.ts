import { createEventPublisher, durableConfig, openLink, streamConfig } from "@takings/nats";
import type { StripeEvent } from "@takings/simulator";
import { durable, stream } from "@takings/wire";

/** How far the durable is. */
type DurableState = {
  readonly ackFloor: number;
  readonly outstanding: number;
  readonly redelivered: number;
};

/** The broker as its administrator sees it. Everything is asked of whoever runs there now. */
export type Broker = {
  /** A request to the JetStream API (below `$JS.API.`); rejects with its error. */
  api(subject: string, body?: unknown): Promise<Record<string, unknown>>;
  publish(subject: string, body: string): Promise<Record<string, unknown>>;
  /** Stores an event as ingress does; resolves when the stream has confirmed it. */
  store(event: StripeEvent): Promise<void>;
  /** Brings the stream to its configuration with these changes. */
  configureStream(changes?: Readonly<Record<string, unknown>>): Promise<void>;
  makeStream(): Promise<void>;
  configureDurable(changes?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes redelivery quick, so that a killed consumer's events do not take half a minute each time. */
  shortenAckWait(): Promise<void>;
  durable(): Promise<DurableState>;
  messages(): Promise<number>;
  close(): Promise<void>;
};

const maxBytes = 2_000_000_000;
const timeout = 5_000;
const shortAckWaitMs = 3_000;
const patienceMs = 30_000;

/** Connects as the administrator. */
export async function openBroker(url: string): Promise<Broker> {
  const link = await openLink({ url, name: "admin" });
  const publisher = createEventPublisher(link, { ackTimeoutMs: timeout });

  async function request(subject: string, body: string): Promise<Record<string, unknown>> {
    const { nats } = await link.connected(patienceMs);
    const answer = (await nats.request(subject, body, { timeout })).json<Record<string, unknown>>();
    if (answer["error"] !== undefined) throw new Error(`${subject}: ${JSON.stringify(answer["error"])}`);
    return answer;
  }
  const api: Broker["api"] = (subject, body) =>
    request(`$JS.API.${subject}`, body === undefined ? "" : JSON.stringify(body));
  const config = streamConfig({ replicas: 1, maxBytes });
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
      await publisher.publish({ id, type, body: Buffer.from(body), headers: {} });
    },
    configureDurable,
    shortenAckWait: () => configureDurable({ ack_wait: shortAckWaitMs * 1e6 }),
    async configureStream(changes = {}) {
      await api(`STREAM.UPDATE.${stream.name}`, { ...config, ...changes });
    },
    async makeStream() {
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
