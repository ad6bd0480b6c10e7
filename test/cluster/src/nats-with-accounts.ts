import { createNatsAccounts } from "@takings/testkit";
import { type Cluster, secret } from "./cluster.ts";

const name = "takings-nats-jwt";
const credentials = "takings-nats-creds";
const server = `server_name: ${name}
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
jetstream { store_dir: /data, sync_interval: always, max_file_store: 12GB, max_mem_store: 64MB }
`;

/**
 * Starts a NATS server in operator mode, as ci/creds-values.yaml needs it: users are JWTs of an account, and their .creds
 * files are keys of a Secret. https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt
 */
export async function startNatsWithAccounts(cluster: Cluster): Promise<void> {
  const { config, creds } = createNatsAccounts();
  const labels = { app: name };
  await cluster.apply(secret(credentials, creds));
  await cluster.apply(secret(name, { "nats.conf": server + config }));
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
  await cluster.kubectl(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s"]);
}

/** Removes the server, its data and the credentials. */
export async function stopNatsWithAccounts(cluster: Cluster): Promise<void> {
  const objects = [`pod/${name}`, `service/${name}`, `secret/${name}`, `secret/${credentials}`];
  await cluster.kubectl(["delete", ...objects, "--ignore-not-found", "--wait=true"]);
}

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
