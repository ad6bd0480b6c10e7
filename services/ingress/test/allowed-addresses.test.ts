import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAddressList } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { loadAllowedAddresses } from "../src/allowed-addresses.ts";
import { event } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { createTestContext, type TestContext } from "./test-context.ts";
import { silent, startReadyServer } from "./test-server.ts";

let dir: string;
let file: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), "takings-addresses-"));
  file = join(dir, "addresses");
});
after(() => rmSync(dir, { recursive: true }));

const load = (content: string, onFile: (isUsable: boolean) => void = () => {}): (() => string[]) => {
  writeFileSync(file, content);
  const allowed = loadAllowedAddresses(file, { log: silent(), onFile });
  const candidates = ["3.18.12.63", "192.0.2.77", "2001:db8::1"];
  return () => candidates.filter((address) => allowed().has(address));
};

describe("the file of allowed addresses", () => {
  it("has one address or range per line, and comments", () => {
    const list = "# Stripe\n3.18.12.63 # one\r\n\n  192.0.2.0/24\n2001:db8::/32";
    expect(load(list)()).to.deep.equal(["3.18.12.63", "192.0.2.77", "2001:db8::1"]);
  });

  it("may be the JSON that Stripe publishes", () => {
    expect(load('{\n  "WEBHOOKS": ["3.18.12.63", "3.130.192.231"]\n}')()).to.deep.equal(["3.18.12.63"]);
  });

  for (const [what, content, message] of [
    ["is empty", "", "contains no address"],
    ["has only comments", "# none\n", "contains no address"],
    ["has an empty list", '{"WEBHOOKS":[]}', "contains no address"],
    ["is other JSON", '{"API":["3.18.12.63"]}', "is JSON, but not"],
    ["is cut off", '{"WEBHOOKS":["3.18.12', "is JSON, but not"],
    ["is an error page", "<html>403</html>", '"<html>403</html>" is not an IP address'],
  ] as const) {
    it(`ends the start when it ${what}`, () => {
      expect(() => load(content)).to.throw(`ALLOWED_ADDRESSES_FILE: ${message}`);
    });

    it(`keeps the previous list, and reports it, when it later ${what}`, async () => {
      const reports: boolean[] = [];
      const allowed = load("3.18.12.63", (isUsable) => reports.push(isUsable));
      writeFileSync(file, content);
      await eventually("a report", () => allowed().length === 1 && reports.at(-1) === false);
      expect(allowed()).to.deep.equal(["3.18.12.63"]);
    });
  }

  it("is read again when it changes", async () => {
    const allowed = load("3.18.12.63");
    writeFileSync(file, "192.0.2.77");
    await eventually("the new list", () => allowed().join() === "192.0.2.77");
  });

  it("ends the start when it is missing", () => {
    expect(() => loadAllowedAddresses(join(dir, "missing"), { log: silent(), onFile: () => {} })).to.throw(
      "ALLOWED_ADDRESSES_FILE: cannot be read: ENOENT",
    );
  });
});

describe("a webhook from an address", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context.close());

  const only = (address: string) => () => createAddressList([address]);

  it("that is allowed is stored", async () => {
    await using ingress = await startReadyServer(context.nats, { allowed: only("127.0.0.1") });
    expect((await ingress.post(event())).status).to.equal(200);
  });

  it("that is not allowed is refused with 403 before its body is read", async () => {
    await using ingress = await startReadyServer(context.nats, { allowed: only("192.0.2.1") });
    await using client = await connectRaw(ingress.port, requestHead({ "content-length": "5000" }));
    await eventually("403", () => client.received().startsWith("HTTP/1.1 403 "));
    expect(client.received()).to.match(/content-type: application\/problem\+json/i);
    expect(client.received()).to.contain("The address 127.0.0.1 is not allowed to send webhooks.");
    await eventually("the count", async () => (await ingress.outcomes())["forbidden_address"] === 1);
  });

  it("that a trusted proxy names is allowed", async () => {
    await using ingress = await startReadyServer(context.nats, { allowed: only("192.0.2.1") });
    const headers = { "x-forwarded-for": "203.0.113.9, 192.0.2.1" };
    expect((await ingress.post(event(), { headers })).status).to.equal(200);
  });

  it("that the client itself put before the one that a trusted proxy names is refused", async () => {
    await using ingress = await startReadyServer(context.nats, { allowed: only("192.0.2.1") });
    const headers = { "x-forwarded-for": "192.0.2.1, 203.0.113.9" };
    expect((await ingress.post(event(), { headers })).status).to.equal(403);
  });

  it("that an untrusted client names is refused", async () => {
    const proxies = createAddressList([]);
    await using ingress = await startReadyServer(context.nats, { proxies, allowed: only("192.0.2.1") });
    const headers = { "x-forwarded-for": "192.0.2.1" };
    expect((await ingress.post(event(), { headers })).status).to.equal(403);
  });
});
