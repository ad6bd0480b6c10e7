import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { describe, it } from "mocha";

/** A server that says whether the instrumentation had its hands on a request: it binds each to a context. */
const program = `
  import { createServer } from "node:http";
  const server = createServer((request, response) => response.end(String(Object.hasOwn(request, "on"))));
  server.listen(0, "127.0.0.1", async () => {
    const response = await fetch("http://127.0.0.1:" + server.address().port, { headers: { connection: "close" } });
    console.log(await response.text());
    server.close();
  });
`;

async function isInstrumented(ratio: string): Promise<string> {
  const preloaded = ["--import", import.meta.resolve("../src/register.ts")];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...preloaded, "--input-type=module", "--eval", program],
    { env: { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: ratio } },
  );
  return stdout.trim();
}

describe("the instrumentation of a request", function () {
  this.timeout(20_000);

  it("sees one that is traced", async () => {
    expect(await isInstrumented("1")).to.equal("true");
  });

  it("never sees one that is not", async () => {
    expect(await isInstrumented("0")).to.equal("false");
  });
});
