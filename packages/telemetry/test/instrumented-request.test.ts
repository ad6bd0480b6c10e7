import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { nodeCommand } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";

/**
 * A server that is asked twice over one connection, and says whether the instrumentation had its hands on the request,
 * which it then binds to a context, and in which trace it is.
 */
const program = `
  import { Agent, createServer, get } from "node:http";
  import { text } from "node:stream/consumers";
  import { trace } from ${JSON.stringify(import.meta.resolve("@opentelemetry/api"))};
  const server = createServer((request, response) => {
    const { traceId, traceFlags } = trace.getActiveSpan().spanContext();
    response.end(JSON.stringify({ isInstrumented: Object.hasOwn(request, "on"), traceId, traceFlags }));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (port) => new Promise((resolve) => get({ port, agent, host: "127.0.0.1" }, resolve)).then(text);
  server.listen(0, "127.0.0.1", async () => {
    const { port } = server.address();
    console.log("[" + (await ask(port)) + "," + (await ask(port)) + "]");
    agent.destroy();
    server.close();
  });
`;

type Seen = { readonly isInstrumented: boolean; readonly traceId: string; readonly traceFlags: number };

async function twoRequests(ratio: string): Promise<Seen[]> {
  const preloaded = ["--import", import.meta.resolve("../src/register.ts")];
  const { command, args, ...options } = nodeCommand(
    [...preloaded, "--input-type=module", "--eval", program],
    { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: ratio },
  );
  const { stdout } = await promisify(execFile)(command, args, options);
  return JSON.parse(stdout) as Seen[];
}

describe("the instrumentation of a request", function () {
  this.timeout(20_000);

  it("handles a request that is traced", async () => {
    for (const seen of await twoRequests("1"))
      expect(seen).to.include({ isInstrumented: true, traceFlags: 1 });
  });

  it("is bypassed by a request that is not, which has ids all the same", async () => {
    const requests = await twoRequests("0");
    for (const seen of requests) expect(seen).to.include({ isInstrumented: false, traceFlags: 0 });
    expect(new Set(requests.map(({ traceId }) => traceId)).size).to.equal(2);
  });
});
