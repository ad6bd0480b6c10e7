import { connect, type Socket } from "node:net";

// A process of its own: connects clients that know the address of ingress and no secret, and replaces those that are cut
// off or answered, until it is ended. Arguments: port, number of idle clients, number of slow clients. It sends the message
// "ready" once they have connected.

const [port = 0, idle = 0, slow = 0] = process.argv.slice(2).map(Number);

// It must not outlive the process that started it, however that ends.
process.once("disconnect", () => process.exit());

const renewalMs = 1_000;
const byteMs = 500;
const largeBytes = 510_000;
/** Parts of large bodies; 64 are 32.6 MB, which is more than the default of MAX_IN_FLIGHT_BYTES. */
const halves = Math.min(64, slow);
/** Complete large bodies with a bad signature, per second. */
const completePerSecond = 10;

/** What a client does once it is connected. */
type Behavior = (socket: Socket) => void;

const requestLine = "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\n";
const head = (headers: string): string =>
  `${requestLine}stripe-signature: t=${Math.floor(Date.now() / 1_000)},v1=${"0".repeat(64)}\r\n${headers}\r\n\r\n`;
const large = Buffer.alloc(largeBytes, "x");
const alive = new Set<Socket>();

/** Sends the beginning of a request, and then one piece after the other. */
function trickle(beginning: () => string, piece: string): Behavior {
  return (socket) => {
    socket.write(beginning());
    const timer = setInterval(() => socket.write(piece), byteMs);
    socket.once("close", () => clearInterval(timer));
  };
}

/** Sends this much of a large body, and nothing more. */
function sendBody(announced: number): Behavior {
  return (socket) => {
    socket.write(head(`content-length: ${announced}`));
    socket.write(large);
  };
}

function open(behave: Behavior): Socket {
  const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
  alive.add(socket);
  socket.once("connect", () => behave(socket)).once("close", () => alive.delete(socket));
  return socket.once("data", () => socket.destroy());
}

/** Keeps that many clients connected. */
function keep(count: number, behave: Behavior): void {
  const own = new Set<Socket>();
  const renew = (): void => {
    while (own.size < count) {
      const socket = open(behave);
      own.add(socket);
      socket.once("close", () => own.delete(socket));
    }
  };
  renew();
  setInterval(renew, renewalMs);
}

const third = Math.ceil((slow - halves) / 3);
keep(idle, () => undefined);
keep(halves, sendBody(largeBytes + 1_000));
keep(
  third,
  trickle(() => `${requestLine}x: `, "a"),
);
keep(
  third,
  trickle(() => head("content-length: 5000"), "a"),
);
keep(
  third,
  trickle(() => head("transfer-encoding: chunked"), "1\r\na\r\n"),
);
setInterval(() => open(sendBody(largeBytes)), 1_000 / completePerSecond);

const ready = setInterval(() => {
  const connected = alive
    .values()
    .filter(({ connecting }) => !connecting)
    .toArray().length;
  if (connected < 0.9 * (idle + slow)) return;
  clearInterval(ready);
  process.send?.("ready");
}, 100);
