import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { durableConfig, streamConfig } from "@takings/nats";
import { type NatsPermissions, natsPermissions } from "@takings/nats/permissions";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse, parseAllDocuments } from "yaml";
import { generatedFiles } from "../src/generated-files.ts";
import { nackResources } from "../src/charts/nack-resources.ts";
import { natsUsersConfig } from "../src/charts/nats-users.ts";
import { natsUsersValues } from "../src/production/nats-users-values.ts";

describe("generated files of charts/ and k8s/", () => {
  for (const { path, content } of generatedFiles()) {
    it(`include an up-to-date ${path} (otherwise run pnpm manifests)`, () => {
      expect(readFileSync(join(projectRoot(), path), "utf8")).to.equal(content);
    });
  }

  it("declare the stream that the services expect, as a NACK resource", () => {
    const [, stream] = nackSpecs();
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

  it("declare the durable that the consumer reads, as a NACK resource", () => {
    const [, , durable] = nackSpecs();
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
    // A replay starts the durable elsewhere; NACK must not try to take that back.
    expect(durable).to.include({ preventDelete: true, preventUpdate: true });
  });

  it("connect NACK by the account that stream and durable name", () => {
    const [account, stream, durable] = nackSpecs();
    for (const spec of [stream, durable]) expect(spec?.["account"]).to.equal(account?.["name"]);
  });

  it("give the users of NATS in production the permissions of the local run, and NACK no access to events", () => {
    const { users } = parse(natsUsersValues()).config.merge.authorization;
    const permissionsOf = (name: string): NatsPermissions | undefined => {
      const { permissions } = users.find(({ user }: { readonly user: string }) => user === name);
      return permissions && { publish: permissions.publish.allow, subscribe: permissions.subscribe.allow };
    };
    for (const [user, permissions] of Object.entries(natsPermissions))
      expect(permissionsOf(user)).to.deep.equal(permissions);
    expect(permissionsOf("admin")).to.equal(undefined);
    for (const subject of permissionsOf("nack")?.publish ?? [])
      expect(subject).to.match(
        /^\$JS\.API\.(STREAM|CONSUMER)\.(INFO|CREATE|UPDATE)\.STRIPE_EVENTS(\.revenue)?$/,
      );
  });

  it("give the users of NATS in the stack the permissions of the local run", () => {
    const config = natsUsersConfig();
    for (const [user, { publish, subscribe }] of Object.entries(natsPermissions)) {
      const line = config.slice(config.indexOf(`user: ${user},`)).split("} }")[0] ?? "";
      const subjects = [...line.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject);
      expect(subjects).to.deep.equal([...publish, ...subscribe]);
    }
  });

  it("have the durable's max_ack_pending in the check of consumers and batch size", () => {
    const checks = readFileSync(join(projectRoot(), "charts/takings/templates/checks.yaml"), "utf8");
    expect(checks).to.include(`(int .Values.consumer.batchSize)) ${durableConfig().max_ack_pending} }}`);
  });
});

function nackSpecs(): Record<string, unknown>[] {
  const text = nackResources({ replicas: 3, maxBytes: 5_000_000_000 });
  return parseAllDocuments(text).map((document) => document.toJS().spec);
}
