import { readFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { type TestAuthority, testVariable } from "@takings/testkit";
import { type ClusterAccess, clusterAccess } from "../../src/endpoint/kubernetes/cluster-access.ts";

type StoredSecret = {
  readonly metadata: { name: string; uid: string; resourceVersion: string };
  readonly type: "Opaque";
  data?: Record<string, string>;
};

/** A request as the cluster received it. */
type Received = {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: unknown;
};

/** The API server of a cluster, with one Secret, over TLS with a certificate of its own authority. */
export type FakeCluster = AsyncDisposable & {
  readonly access: ClusterAccess;
  readonly secret: StoredSecret;
  readonly received: readonly Received[];
  readonly events: readonly { readonly reason: string; readonly message: string; readonly type: string }[];
  /** Replaces the token in the file; the previous one is not accepted any more. */
  replaceToken(token: string): void;
  /** Is called before each answer to a PATCH that is no dry run. */
  beforePatch(call: () => void): void;
  /** The service account may do nothing any more. */
  revoke(): void;
};

/** The rules of the real server that matter here: versions, merge patches, dry runs, tokens. */
export async function startFakeCluster({ caFile, certFile, keyFile }: TestAuthority): Promise<FakeCluster> {
  const directory = mkdtempSync(join(testVariable("TEST_DIR"), "service-account-"));
  const secret: StoredSecret = {
    metadata: { name: "takings-endpoint", uid: "uid-1", resourceVersion: "1" },
    type: "Opaque",
  };
  const received: Received[] = [];
  const events: { reason: string; message: string; type: string }[] = [];
  let [validToken, mayDo, onPatch] = ["token-1", true, () => {}];
  const writeToken = (token: string): void => writeFileSync(join(directory, "token"), `${token}\n`);
  writeToken(validToken);
  writeFileSync(join(directory, "namespace"), "takings");
  writeFileSync(join(directory, "ca.crt"), readFileSync(caFile));

  const patch = (body: Partial<StoredSecret>, isDryRun: boolean): [number, object] => {
    if (!isDryRun) onPatch();
    const { resourceVersion } = body.metadata ?? secret.metadata;
    if (resourceVersion !== secret.metadata.resourceVersion) return [409, { message: "object was modified" }];
    if (isDryRun) return [200, secret];
    secret.data = { ...secret.data, ...body.data };
    secret.metadata.resourceVersion = String(Number(secret.metadata.resourceVersion) + 1);
    return [200, secret];
  };
  const answer = ({ method, path, token, body }: Received): [number, object] => {
    if (token !== `Bearer ${validToken}`) return [401, { message: "Unauthorized" }];
    if (!mayDo) return [403, { message: "forbidden: the account cannot" }];
    const { pathname, searchParams } = new URL(path, "https://cluster");
    if (method === "POST" && pathname === "/api/v1/namespaces/takings/events") {
      events.push(body as (typeof events)[number]);
      return [201, {}];
    }
    if (pathname !== `/api/v1/namespaces/takings/secrets/${secret.metadata.name}`) return [404, {}];
    return method === "PATCH"
      ? patch(body as Partial<StoredSecret>, searchParams.get("dryRun") === "All")
      : [200, secret];
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url: path = "", headers } = request;
    const body = method === "GET" ? undefined : await json(request);
    const one = { method, path, token: headers.authorization ?? "", body };
    received.push(one);
    const [status, answered] = answer(one);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answered));
  };
  const server = createServer(
    { cert: readFileSync(certFile), key: readFileSync(keyFile) },
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const environment = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) };
  return {
    access: clusterAccess(environment, directory),
    secret,
    received,
    events,
    replaceToken(token) {
      validToken = token;
      writeToken(token);
    },
    beforePatch: (call) => void (onPatch = call),
    revoke: () => void (mayDo = false),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
