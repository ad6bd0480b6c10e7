import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { LoadCommand, LoadResult, LoadSettings } from "./load.ts";
import { shopEvents, sign } from "@takings/simulator";

// Sends presigned webhooks over plain sockets: the client shares the machine with what it measures, so it must cost as
// little as possible.

const { secret, seed } = workerData as LoadSettings;
/** Only payments, because for other events a baseline asks Stripe. */
const templates = shopEvents(seed)
  .filter(({ type }) => type === "payment_intent.succeeded")
  .take(100)
  .map(({ body }) => body)
  .toArray();
const run = randomUUID().replaceAll("-", "").slice(0, 18);
let made = 0;
let signed: Buffer[] = [];

parentPort?.on("message", (command: LoadCommand) => {
  // A failure becomes the error of the thread, which ends the benchmark.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
  void execute(command).then((result) => parentPort?.postMessage(result));
});

async function execute(command: LoadCommand): Promise<LoadResult | "done"> {
  if (command.kind === "send") return send(command);
  const host = new URL(command.url).host;
  signed = Array.from({ length: command.count }, () => request(host));
  return "done";
}

/** The bytes of a request: a payment of the present moment, about 2 KB, with ids of its own. */
function request(host: string): Buffer {
  const template = templates[made % templates.length] ?? "";
  made += 1;
  const now = Math.floor(Date.now() / 1_000);
  const own = `${run}${made.toString(36).padStart(6, "0")}`;
  const body = template
    .replaceAll(/"created": \d+/g, `"created": ${now}`)
    .replaceAll(/"(evt|pi|ch)_\w+"/g, `"$1_${own}"`);
  const head = [
    "POST /webhooks/stripe HTTP/1.1",
    `host: ${host}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `stripe-signature: ${sign(body, secret, now)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Closed loop: a connection sends when it has its response. With a rate: open loop, timed from when a request is due. */
async function send({ url, connections, ms, rate }: LoadCommand & { kind: "send" }): Promise<LoadResult> {
  const { hostname, port } = new URL(url);
  const latencies: number[] = [];
  const refused: string[] = [];
  let sent = 0;
  let began = 0;
  const due = (n: number): number => (rate === undefined ? performance.now() : began + (n * 1_000) / rate);
  const isOver = (): boolean => sent >= signed.length || performance.now() - began >= ms;

  const drive = async (first: Socket): Promise<void> => {
    let socket = first;
    while (!isOver()) {
      const n = sent++;
      const wait = due(n) - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const start = rate === undefined ? performance.now() : due(n);
      const answer = await exchange(socket, signed[n] ?? Buffer.alloc(0));
      if (answer.startsWith("HTTP/1.1 200 ")) latencies.push(performance.now() - start);
      else refused.push(answer);
      // A server may limit the number of requests of a connection.
      if (!/\r\nconnection: close\r\n/i.test(answer)) continue;
      socket.destroy();
      socket = await opened(hostname, Number(port));
    }
    socket.destroy();
  };
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => opened(hostname, Number(port))),
  );
  began = performance.now();
  await Promise.all(sockets.map(drive));
  const took = performance.now() - began;
  signed = [];
  return { latencies, refused, ms: took };
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket)).once("error", reject);
  });
}

function exchange(socket: Socket, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (piece: Buffer): void => {
      text += piece.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
      if (text.length < end + 4 + length) return;
      socket.off("data", onData).off("close", onClose);
      resolve(text);
    };
    const onClose = (): void =>
      reject(new Error("the server closed a connection in the middle of a request"));
    socket.on("data", onData).once("close", onClose);
    socket.write(bytes);
  });
}
