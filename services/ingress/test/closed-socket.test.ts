import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAddressList, createMetrics, type Logger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
import { createApp } from "../src/app.ts";
import { createIngressMetrics } from "../src/metrics.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { fixedSecrets } from "./test-server.ts";

describe("a request whose client has reset its connection", () => {
  for (const allowed of [undefined, () => createAddressList(["192.0.2.1"])]) {
    it(`is dropped without an error ${allowed ? "where only some addresses are" : "where every address is"} allowed`, async () => {
      const logged: string[] = [];
      const log = (_: object, message: string): void => void logged.push(message);
      const registry = createMetrics();
      const app = createApp({
        publisher: { publish: () => Promise.reject(new Error("it must not be published")) },
        admission: createAdmission({ requests: 10, bytes: 10_000 }),
        proxies: createAddressList(["127.0.0.1"]),
        allowed,
        maxBodyBytes: 10_000,
        deadlineMs: 8_000,
        bodyTimeoutMs: 4_000,
        durabilityFault: () => undefined,
        notReadyReason: () => undefined,
        sources: () => fixedSecrets("whsec_test")(),
        metrics: createIngressMetrics(registry),
        log: { info: log, warn: log, error: log } as unknown as Logger,
      });
      const addresses: (string | undefined)[] = [];
      // A socket that is closed before its address was asked for has none, as one that was reset before it was accepted.
      await using server = createServer((request, response) => {
        request.socket.destroy();
        addresses.push(request.socket.remoteAddress);
        app(request, response);
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await using client = await connectRaw(port, requestHead({ "content-length": "0" }));
      expect(await client.closed).to.equal("");
      await eventually("the count", async () =>
        (await registry.render("prometheus")).body.includes('{outcome="bad_request",source="default"} 1'),
      );
      expect(addresses).to.deep.equal([undefined]);
      expect(logged).to.deep.equal([]);
    });
  }
});
