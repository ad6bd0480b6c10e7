import { z } from "zod";

// The schema of charts/takings/values.yaml, from which values.schema.json is generated. The values are documented there.
// Unknown names are rejected everywhere, because a misspelt name would silently leave the default in place.

const text = z.string();
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
/** Empty where no Secret is needed; see checks.yaml. */
const optionalName = z.union([z.literal(""), name]);
const key = z.string().regex(/^[-._a-zA-Z0-9]+$/);
const count = z.int().min(0);
const positive = z.int().min(1);
const flag = z.boolean();
const texts = z.record(z.string(), z.string());
/** Parts of Kubernetes objects, which the API server validates. */
const kubernetesObject = z.looseObject({});
const kubernetesObjects = z.array(kubernetesObject);
const cron = z.string().regex(/^(@\w+|(\S+\s+){4}\S+)$/);

const login = z.strictObject({
  existingSecret: optionalName,
  urlKey: z.union([z.literal(""), key]),
});
const user = z.strictObject({ user: z.string().regex(/^\w+$/), key });

const service = z.strictObject({
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]),
  port: z.int().min(1).max(65_535),
  nodePort: z.int().nullable().optional(),
  annotations: texts,
});
const http = z.strictObject({
  enabled: flag,
  className: text,
  annotations: texts,
  host: text,
  tlsSecret: text,
});
const httpRoute = z.strictObject({
  enabled: flag,
  parentRefs: kubernetesObjects,
  hostnames: z.array(z.string()),
  annotations: texts,
});

const workload = {
  replicas: count,
  resources: kubernetesObject,
  env: z.record(
    z.string().regex(/^[A-Za-z_]\w*$/),
    z.union([z.string(), z.number(), z.boolean(), kubernetesObject]),
  ),
  pod: kubernetesObject,
  container: kubernetesObject,
  podLabels: texts,
  podAnnotations: texts,
};
const cpuScaling = z.strictObject({
  enabled: flag,
  minReplicas: positive,
  maxReplicas: positive,
  targetCPU: z.int().min(1).max(100),
  behavior: kubernetesObject,
});
const lagScaling = z.strictObject({
  enabled: flag,
  // Exactly one: two autoscalers of one Deployment would conflict.
  provider: z.enum(["keda", "hpa"]),
  minReplicas: count,
  maxReplicas: positive,
  lagThreshold: positive,
  behavior: kubernetesObject,
  keda: z.strictObject({ pollingInterval: positive, failureThreshold: positive, fallbackReplicas: count }),
  metric: z.strictObject({ name: text, selector: kubernetesObject }),
});
const oneOffJob = {
  enabled: flag,
  hook: flag,
  backoffLimit: count,
  activeDeadlineSeconds: positive,
  ttlSecondsAfterFinished: count,
};
const scheduledJob = { enabled: flag, schedule: cron, resources: kubernetesObject };

/** Names that other charts use. The chart rejects them with a message that names its own values (checks.yaml). */
const foreignNames = Object.fromEntries(
  ["replicaCount", "autoscaling", "postgresql", "secrets", "serviceAccount"].map((other) => [
    other,
    z.any().optional(),
  ]),
);

/** The schema of charts/takings/values.yaml. */
export const productValuesSchema: z.ZodType = z.strictObject({
  global: kubernetesObject.optional(),
  ...foreignNames,
  image: z.strictObject({
    registry: text,
    repository: z.string().min(1),
    tag: text,
    digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
  }),
  imagePullSecrets: z.array(name),
  nameOverride: text,
  fullnameOverride: text,
  commonLabels: texts,
  stripe: z.strictObject({ existingSecret: name, key, accountId: z.string().regex(/^(acct_\w+)?$/) }),
  api: z.strictObject({
    existingSecret: optionalName,
    key,
    allowAnonymous: flag,
    defaultLivemode: flag,
    rateLimitPerMinute: count,
  }),
  nats: z.strictObject({
    url: z.string().regex(/^(nats|tls):\/\//),
    monitoringEndpoint: z.string().regex(/^[^/\s]+:\d+$/),
    account: text,
    existingSecret: optionalName,
    authentication: z.enum(["password", "creds"]),
    users: z.strictObject({ ingress: user, consumer: user, purger: user, reconcile: user, admin: user }),
  }),
  postgres: z.strictObject({
    existingSecret: name,
    urlKey: z.union([z.literal(""), key]),
    logins: z.strictObject({
      migrator: login,
      consumer: login,
      query: login,
      prune: login,
      purge: login,
      reconcile: login,
    }),
  }),
  otel: z.strictObject({
    endpoint: z.string().regex(/^(https?:\/\/.+)?$/),
    sampleRatio: z.number().min(0).max(1),
  }),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
  ingress: z.strictObject({
    ...workload,
    autoscaling: cpuScaling,
    maxBodyBytes: z.int().min(1_024).max(8_000_000),
    requireStreamReplicas: z.int().min(1).max(5),
    durabilityCheck: z.enum(["on", "off"]),
    service,
    http,
    httpRoute,
  }),
  consumer: z.strictObject({ ...workload, batchSize: z.int().min(1).max(5_000), autoscaling: lagScaling }),
  revenueQuery: z.strictObject({
    ...workload,
    autoscaling: cpuScaling,
    poolSize: z.int().min(1).max(100),
    service,
    http,
    httpRoute,
  }),
  migration: z.strictObject(oneOffJob),
  stream: z.strictObject({
    ...oneOffJob,
    replicas: z.int().min(1).max(5),
    maxBytes: z.string().regex(/^\d{7,15}$/),
  }),
  purge: z.strictObject({ ...scheduledJob, keepDays: positive }),
  payloadPrune: z.strictObject({ ...scheduledJob, retentionDays: z.int().min(1).max(36_500) }),
  reconcile: z.strictObject({ ...scheduledJob, existingSecret: name, key }),
  podDisruptionBudget: z.strictObject({ enabled: flag }),
  serviceAccountName: text,
  serviceAccountAnnotations: texts,
  networkPolicy: z.strictObject({
    enabled: flag,
    ingressFrom: kubernetesObjects,
    revenueQueryFrom: kubernetesObjects,
    metricsFrom: kubernetesObjects,
    natsTo: kubernetesObjects,
    postgresTo: kubernetesObjects,
    otelTo: kubernetesObjects,
    postgresPort: z.int().min(1).max(65_535),
  }),
  monitoring: z.strictObject({
    serviceMonitor: z.strictObject({
      enabled: flag,
      interval: z.string().regex(/^\d+(ms|s|m)$/),
      scrapeTimeout: z.string().regex(/^(\d+(ms|s|m))?$/),
      labels: texts,
      relabelings: kubernetesObjects,
      metricRelabelings: kubernetesObjects,
    }),
    prometheusRule: z.strictObject({
      enabled: flag,
      labels: texts,
      additionalRuleLabels: texts,
      runbookUrl: z.string().regex(/^(https?:\/\/.+)?$/),
      severities: z.strictObject({ page: z.string().min(1), ticket: z.string().min(1) }),
      disabled: z.array(text),
    }),
    dashboards: z.strictObject({ enabled: flag, labels: texts, annotations: texts }),
  }),
  extraObjects: z.array(z.union([kubernetesObject, z.string()])),
  test: z.strictObject({ timeoutSeconds: positive }),
});
