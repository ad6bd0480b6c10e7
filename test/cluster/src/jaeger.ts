import type { Cluster } from "./cluster.ts";

const labels = { app: "e2e-jaeger" };

/** Starts the trace store of the tests: a Jaeger named `e2e-jaeger` that keeps traces in memory. */
export async function startJaeger(cluster: Cluster): Promise<void> {
  await cluster.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "e2e-jaeger" },
    spec: {
      selector: labels,
      ports: [
        { name: "otlp", port: 4317 },
        { name: "query", port: 16_686 },
      ],
    },
  });
  await cluster.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "e2e-jaeger", labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "jaeger",
          image: "jaegertracing/all-in-one:1.76.0",
          imagePullPolicy: "IfNotPresent",
          args: ["--collector.otlp.grpc.host-port=:4317", "--query.http-server.host-port=:16686"],
          env: [{ name: "COLLECTOR_OTLP_ENABLED", value: "true" }],
          readinessProbe: { tcpSocket: { port: 16_686 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        },
      ],
    },
  });
  await cluster.kubectl(["wait", "--for=condition=Ready", "pod/e2e-jaeger", "--timeout=120s"]);
}
