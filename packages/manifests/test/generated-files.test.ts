import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { durableConfig, streamConfig } from "@takings/nats";
import { natsPermissions } from "@takings/nats/permissions";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parseAllDocuments } from "yaml";
import { generatedFiles } from "../src/generated-files.ts";
import { nackResources } from "../src/nack-resources.ts";
import { natsUsersConfig } from "../src/nats-users.ts";

describe("what charts and k8s/ hold of the code", () => {
  for (const { path, content } of generatedFiles()) {
    it(`is up to date in ${path} (pnpm manifests makes it)`, () => {
      expect(readFileSync(join(projectRoot(), path), "utf8")).to.equal(content);
    });
  }

  it("has the very stream that the services expect, in NACK's words", () => {
    const [stream] = nackSpecs();
    const wanted = streamConfig({ replicas: 3, maxBytes: 5_000_000_000 });
    expect(stream).to.include({
      name: wanted.name,
      storage: "file",
      retention: "limits",
      discard: "new",
      maxAge: "0s",
      maxMsgs: -1,
      maxBytes: 5_000_000_000,
      replicas: 3,
      duplicateWindow: "120s",
      allowAtomicPublish: true,
      denyDelete: true,
      preventDelete: true,
    });
    expect(stream?.["subjects"]).to.deep.equal(wanted.subjects);
    expect(stream?.["maxMsgSize"]).to.equal(wanted.max_msg_size);
  });

  it("has the very durable that the consumer reads, in NACK's words", () => {
    const [, durable] = nackSpecs();
    const wanted = durableConfig();
    expect(durable).to.include({
      streamName: "STRIPE_EVENTS",
      durableName: "revenue",
      ackPolicy: "explicit",
      ackWait: "30s",
      maxDeliver: -1,
      deliverPolicy: "all",
      replayPolicy: "instant",
    });
    expect(durable?.["maxAckPending"]).to.equal(wanted.max_ack_pending);
  });

  it("gives no user of the stack's NATS a subject that the local run does not", () => {
    const config = natsUsersConfig();
    for (const [user, { publish, subscribe }] of Object.entries(natsPermissions)) {
      const line = config.slice(config.indexOf(`user: ${user},`)).split("} }")[0] ?? "";
      const subjects = [...line.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject);
      expect(subjects).to.deep.equal([...publish, ...subscribe]);
    }
  });

  it("says the durable's max_ack_pending where the chart holds consumers and batches against it", () => {
    const checks = readFileSync(join(projectRoot(), "charts/takings/templates/checks.yaml"), "utf8");
    expect(checks).to.include(`(int .Values.consumer.batchSize)) ${durableConfig().max_ack_pending} }}`);
  });
});

function nackSpecs(): Record<string, unknown>[] {
  const text = nackResources({ replicas: 3, maxBytes: 5_000_000_000 });
  return parseAllDocuments(text).map((document) => document.toJS().spec);
}
