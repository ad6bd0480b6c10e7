import { canMakeCertificates, type TestAuthority, testAuthority } from "@takings/testkit";
import { expect } from "chai";
import { before, beforeEach, afterEach, describe, it } from "mocha";
import { clusterAccess } from "../../src/endpoint/kubernetes/cluster-access.ts";
import { recordEvent } from "../../src/endpoint/kubernetes/event-recorder.ts";
import { openSecretKey, type SecretKey } from "../../src/endpoint/kubernetes/secret-key.ts";
import { openKubernetesSecretStore } from "../../src/endpoint/kubernetes/secret-store.ts";
import { secretList, sourceSecrets } from "../../src/endpoint/kubernetes/secret-texts.ts";
import { type FakeCluster, startFakeCluster } from "./fake-cluster.ts";

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

describe("the Secret of the signing secrets", () => {
  if (!canMakeCertificates("access to a Secret of Kubernetes")) return;
  let authority: TestAuthority;
  let cluster: FakeCluster;
  let key: SecretKey;
  before(() => {
    authority = testAuthority();
  });
  beforeEach(async () => {
    cluster = await startFakeCluster(authority);
    key = openSecretKey(cluster.access, "takings-endpoint", "STRIPE_WEBHOOK_SECRETS");
  });
  afterEach(() => cluster[Symbol.asyncDispose]());

  const stored = (): string =>
    Buffer.from(cluster.secret.data?.["STRIPE_WEBHOOK_SECRETS"] ?? "", "base64").toString();

  it("is empty before the first secret, and then holds it and all that was in it", async () => {
    cluster.secret.data = { other: encoded("kept") };
    const store = openKubernetesSecretStore(key, secretList);
    expect(await store.read()).to.deep.equal([]);
    await store.update((secrets) => [...secrets, "whsec_one"]);
    await store.update((secrets) => [...secrets, "whsec_two"]);
    expect(await store.read()).to.deep.equal(["whsec_one", "whsec_two"]);
    expect(stored()).to.equal("whsec_one,whsec_two");
    expect(cluster.secret.data).to.have.property("other", encoded("kept"));
  });

  it("keeps what somebody else adds while a secret is added", async () => {
    const store = openKubernetesSecretStore(key, secretList);
    cluster.beforePatch(() => {
      cluster.beforePatch(() => {});
      cluster.secret.data = { STRIPE_WEBHOOK_SECRETS: encoded("whsec_theirs") };
      cluster.secret.metadata.resourceVersion = "7";
    });
    await store.update((secrets) => [...secrets, "whsec_ours"]);
    expect(stored()).to.equal("whsec_theirs,whsec_ours");
  });

  it("is not written when nothing changes", async () => {
    await openKubernetesSecretStore(key, secretList).update((secrets) => secrets);
    expect(cluster.received.map(({ method }) => method)).to.deep.equal(["GET"]);
  });

  it("is tried without a change before an endpoint is created", async () => {
    const store = openKubernetesSecretStore(key, secretList);
    await store.requireWritable();
    expect(cluster.secret.metadata.resourceVersion).to.equal("1");
    cluster.revoke();
    const failure = await store.requireWritable().catch(messageOf);
    expect(failure).to.match(
      /status 403, forbidden: the account cannot\): the service account .* needs a Role/,
    );
  });

  it("is read with the token that the file holds now", async () => {
    await key.read();
    cluster.replaceToken("token-2");
    await key.read();
    expect(cluster.received.map(({ token }) => token)).to.deep.equal(["Bearer token-1", "Bearer token-2"]);
  });

  it("is not sent to a server with a certificate of another authority", async () => {
    const access = { ...cluster.access, authority: () => Buffer.from("") };
    const failure = await openSecretKey(access, "takings-endpoint", "a").read().catch(messageOf);
    expect(failure).to.match(/did not answer GET .*certificate/);
    expect(cluster.received).to.deep.equal([]);
  });

  it("must exist, and the error says what to do", async () => {
    const failure = await openSecretKey(cluster.access, "other", "a").read().catch(messageOf);
    expect(failure).to.include("Secret other in namespace takings does not exist; create it empty");
  });

  it("may hold the file of the sources, of which only the secrets of one source change", async () => {
    const file = { "shop-us": { webhook_secrets: ["whsec_us"], account_id: "acct_1" } };
    cluster.secret.data = { STRIPE_WEBHOOK_SECRETS: encoded(JSON.stringify(file)) };
    const store = openKubernetesSecretStore(key, sourceSecrets("shop-eu"));
    expect(await store.read()).to.deep.equal([]);
    await store.update(() => ["whsec_eu"]);
    expect(JSON.parse(stored())).to.deep.equal({ ...file, "shop-eu": { webhook_secrets: ["whsec_eu"] } });
    await openKubernetesSecretStore(key, sourceSecrets("shop-us")).update((secrets) => [
      ...secrets,
      "whsec_2",
    ]);
    expect(JSON.parse(stored())["shop-us"]).to.deep.equal({
      webhook_secrets: ["whsec_us", "whsec_2"],
      account_id: "acct_1",
    });
  });

  it("with a file of sources that is not usable is left as it is, and the error shows none of it", async () => {
    cluster.secret.data = { STRIPE_WEBHOOK_SECRETS: encoded('{"shop-eu": "whsec_hidden"') };
    const store = openKubernetesSecretStore(key, sourceSecrets("shop-eu"));
    const failure = await store.update(() => ["whsec_new"]).catch(messageOf);
    expect(failure).to.include("file of the sources").and.not.include("hidden");
    expect(stored()).to.equal('{"shop-eu": "whsec_hidden"');
  });

  it("is what events are about", async () => {
    await key.read();
    await recordEvent(cluster.access, key.reference(), {
      type: "Warning",
      reason: "Disabled",
      message: "x".repeat(2_000),
    });
    const [event] = cluster.events;
    expect(event).to.deep.include({
      type: "Warning",
      reason: "Disabled",
      message: "x".repeat(1_024),
      involvedObject: {
        apiVersion: "v1",
        kind: "Secret",
        namespace: "takings",
        name: "takings-endpoint",
        uid: "uid-1",
      },
    });
  });
});

describe("access to the cluster", () => {
  it("outside a pod is refused with what to use instead", () => {
    expect(() => clusterAccess({}))
      .to.throw("this is not a pod")
      .with.property("message")
      .that.includes("--secret-file");
  });

  it("without a mounted token is refused", () => {
    expect(() => clusterAccess({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }, "/nowhere")).to.throw(
      "the service account's token cannot be read",
    );
  });
});
