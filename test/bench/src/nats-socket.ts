import { randomUUID } from "node:crypto";
import { connect } from "node:net";

/** NATS' own protocol by hand: https://docs.nats.io/reference/reference-protocols/nats-protocol */
export type NatsSocket = {
  /** A subject for one answer. */
  answerSubject(): string;
  /** Sends bytes of the protocol and resolves with the answer to that subject. @throws Error for a refusal. */
  request(bytes: string, answerSubject: string): Promise<string>;
  end(): void;
};

/** Connects without credentials, which on a local server is the administrator. */
export async function openNatsSocket(url: string): Promise<NatsSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const inbox = `_INBOX.${randomUUID()}`;
  const ready = Promise.withResolvers<void>();
  const waiting = new Map<string, (answer: string) => void>();
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
    answerSubject: () => `${inbox}.${(count += 1)}`,
    async request(bytes, answerSubject) {
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.set(answerSubject, resolve);
      socket.write(bytes);
      const answer = await promise;
      if (answer.includes('"error"')) throw new Error(`the stream refused: ${answer}`);
      return answer;
    },
    end: () => void socket.destroy(),
  };
}
