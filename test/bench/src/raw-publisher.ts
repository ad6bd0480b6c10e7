import { randomUUID } from "node:crypto";
import { openNatsSocket } from "./nats-socket.ts";

/** An event as it goes onto the stream. */
type RawEvent = { readonly id: string; readonly type: string; readonly body: string };

/** Publishes as fast as the server confirms, without the client library. */
export type RawPublisher = {
  /** Confirmed events per second, one message each, with that many in flight. */
  singles(inFlight: number, ms: number): Promise<number>;
  /** The same in atomic batches of that size, one after the other. */
  batches(size: number, ms: number): Promise<number>;
  /** Stores these events, which must be new. */
  store(events: Iterable<RawEvent>): Promise<void>;
  end(): void;
};

const storedAtOnce = 256;

export async function openRawPublisher(url: string): Promise<RawPublisher> {
  const socket = await openNatsSocket(url);
  const single = (event: RawEvent): Promise<string> => {
    const reply = socket.replySubject();
    return socket.request(message(event, {}, reply), reply);
  };
  const batch = (events: readonly RawEvent[]): Promise<string> => {
    const reply = socket.replySubject();
    const id = randomUUID();
    const parts = events.map((event, index) => {
      const headers = { "Nats-Batch-Id": id, "Nats-Batch-Sequence": String(index + 1) };
      return index + 1 < events.length
        ? message(event, headers)
        : message(event, { ...headers, "Nats-Batch-Commit": "1" }, reply);
    });
    return socket.request(parts.join(""), reply);
  };
  return {
    singles: (inFlight, ms) => rate({ lanes: inFlight, perRound: 1, ms }, () => single(syntheticEvent())),
    batches: (size, ms) =>
      rate({ lanes: 1, perRound: size, ms }, () => batch(Array.from({ length: size }, syntheticEvent))),
    async store(events) {
      const some: RawEvent[] = [];
      for (const event of events) {
        some.push(event);
        if (some.length === storedAtOnce) await batch(some.splice(0));
      }
      if (some.length > 0) await batch(some);
    },
    end: socket.end,
  };
}

function syntheticEvent(): RawEvent {
  return { id: `evt_${randomUUID().replaceAll("-", "")}`, type: "bench", body: "x".repeat(2_000) };
}

function message(
  { id, type, body }: RawEvent,
  headers: Readonly<Record<string, string>>,
  reply = "",
): string {
  const lines = Object.entries({ "Nats-Msg-Id": id, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const head = `NATS/1.0\r\n${lines.join("\r\n")}\r\n\r\n`;
  const bytes = Buffer.byteLength(body);
  return `HPUB stripe.events.${type} ${reply} ${head.length} ${head.length + bytes}\r\n${head}${body}\r\n`;
}

async function rate(
  { lanes, perRound, ms }: { readonly lanes: number; readonly perRound: number; readonly ms: number },
  round: () => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  let count = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - began < ms) {
      await round();
      count += perRound;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 1_000) / (performance.now() - began);
}
