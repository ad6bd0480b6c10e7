import {
  type Account,
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
} from "@nats-io/jwt";
import { natsPermissions } from "@takings/nats/permissions";
import { eventually } from "@takings/testkit";
import { type Cluster, clusterPollMs, clusterTimeoutMs } from "./cluster.ts";

const name = "takings-nats-jwt";
const credentials = "takings-nats-creds";
const unlimited = -1;
const jetstream: Partial<Account> = {
  limits: { mem_storage: unlimited, disk_storage: unlimited, streams: unlimited, consumer: unlimited },
};

/**
 * Starts a NATS server in operator mode, as ci/creds-values.yaml needs it: users are JWTs of an account, and their .creds
 * files are keys of a Secret. https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt
 */
export async function startNatsWithAccounts(cluster: Cluster): Promise<void> {
  const { config, creds } = await operatorMode();
  const labels = { app: name };
  await cluster.apply(secret(credentials, creds));
  await cluster.apply(secret(name, { "nats.conf": config }));
  const ports = [
    { name: "client", port: 4222 },
    { name: "monitor", port: 8222 },
  ];
  await cluster.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { clusterIP: "None", selector: labels, ports },
  });
  await cluster.apply(pod(labels));
  const isReady = async (): Promise<boolean> => {
    await cluster.kubectl(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=1s"]);
    return true;
  };
  await eventually("the NATS server with accounts", isReady, clusterTimeoutMs, clusterPollMs);
}

/** Removes the server, its data and the credentials. */
export async function stopNatsWithAccounts(cluster: Cluster): Promise<void> {
  const objects = [`pod/${name}`, `service/${name}`, `secret/${name}`, `secret/${credentials}`];
  await cluster.kubectl(["delete", ...objects, "--ignore-not-found", "--wait=true"]);
}

/** A server configuration with one account, and the .creds file of each of its users. */
async function operatorMode(): Promise<{ config: string; creds: Record<string, string> }> {
  const [operator, account, systemAccount] = [createOperator(), createAccount(), createAccount()];
  const system = {
    name: "SYS",
    key: systemAccount,
    jwt: await encodeAccount("SYS", systemAccount, {}, { signer: operator }),
  };
  const own = {
    name: "TAKINGS",
    key: account,
    jwt: await encodeAccount("TAKINGS", account, jetstream, { signer: operator }),
  };
  const creds: Record<string, string> = {};
  const everything = { publish: [">"], subscribe: [">"] };
  for (const [user, { publish, subscribe }] of Object.entries({ ...natsPermissions, admin: everything })) {
    const key = createUser();
    const permissions = { pub: { allow: [...publish] }, sub: { allow: [...subscribe] } };
    creds[user] = Buffer.from(fmtCreds(await encodeUser(user, key, account, permissions), key)).toString();
  }
  const preload = [system, own].map(({ key, jwt }) => `  ${key.getPublicKey()}: ${jwt}`);
  const operatorJwt = await encodeOperator("takings", operator, {
    system_account: systemAccount.getPublicKey(),
  });
  const config = [
    `operator: ${operatorJwt}`,
    `system_account: ${systemAccount.getPublicKey()}`,
    `resolver: MEMORY`,
    `resolver_preload: {\n${preload.join("\n")}\n}`,
    `server_name: ${name}`,
    `listen: 0.0.0.0:4222`,
    `http: 0.0.0.0:8222`,
    `jetstream { store_dir: /data, sync_interval: always, max_file_store: 12GB, max_mem_store: 64MB }`,
  ];
  return { config: `${config.join("\n")}\n`, creds };
}

const secret = (of: string, stringData: object): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: of },
  stringData,
});

function pod(labels: object): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "nats",
          image: "nats:2.15.2-alpine",
          imagePullPolicy: "IfNotPresent",
          args: ["--config", "/etc/nats/nats.conf"],
          readinessProbe: { httpGet: { path: "/healthz?js-server-only=true", port: 8222 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [
            { name: "config", mountPath: "/etc/nats" },
            { name: "data", mountPath: "/data" },
          ],
        },
      ],
      volumes: [
        { name: "config", secret: { secretName: name } },
        { name: "data", emptyDir: {} },
      ],
    },
  };
}
