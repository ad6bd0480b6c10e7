import { randomUUID } from "node:crypto";
import { connect } from "node:net";

/** A minimal client of the NATS protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol */
export type NatsSocket = {
  /** A subject for one reply. */
  replySubject(): string;
  /** Sends bytes of the protocol and resolves with the reply on that subject. @throws Error for an error reply. */
  request(bytes: string, replySubject: string): Promise<string>;
  end(): void;
};

/** Connects without credentials, which on a local server means as the administrator. */
export async function openNatsSocket(url: string): Promise<NatsSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const inbox = `_INBOX.${randomUUID()}`;
  const ready = Promise.withResolvers<void>();
  const waiting = new Map<string, (reply: string) => void>();
  let count = 0;
  let text = "";
  const read = (): boolean => {
    const end = text.indexOf("\r\n");
    if (end === -1) return false;
    const [verb, subject = "", ...rest] = text.slice(0, end).split(" ");
    const length = verb === "MSG" ? Number(rest.at(-1)) + 2 : 0;
    const next = end + 2 + length;
    if (text.length < next) return false;
    if (verb === "PING") socket.write("PONG\r\n");
    if (verb === "PONG") ready.resolve();
    waiting.get(subject)?.(text.slice(end + 2, next - 2));
    waiting.delete(subject);
    text = text.slice(next);
    return true;
  };
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
    while (read());
  });
  const options = { verbose: false, headers: true, protocol: 1, lang: "bench" };
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox}.* 1\r\nPING\r\n`);
  await ready.promise;
  return {
    replySubject: () => `${inbox}.${(count += 1)}`,
    async request(bytes, replySubject) {
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.set(replySubject, resolve);
      socket.write(bytes);
      const reply = await promise;
      if (reply.includes('"error"')) throw new Error(`the stream replied with an error: ${reply}`);
      return reply;
    },
    end: () => void socket.destroy(),
  };
}
