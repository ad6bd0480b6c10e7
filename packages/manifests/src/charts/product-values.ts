import { z } from "zod";
import { access, page } from "./values/access-values.ts";
import { endpointWatch, jobs, oneOffJob, scheduledJob, service, toolbox } from "./values/pod-values.ts";
import { cpuScaling, lagScaling } from "./values/scaling-values.ts";
import {
  count,
  flag,
  key,
  kubernetesObject,
  kubernetesObjects,
  name,
  optionalKey,
  optionalName,
  positive,
  sourceNames,
  text,
  texts,
} from "./values/value-types.ts";

// The schema of charts/takings/values.yaml, from which values.schema.json is generated. The values are documented there.
// Unknown names are rejected everywhere, because a misspelt name would silently leave the default in place.

const login = z.strictObject({
  existingSecret: optionalName,
  urlKey: optionalKey,
});
const user = z.strictObject({ user: z.string().regex(/^\w+$/), key });

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
  commonAnnotations: texts,
  podSecurityContext: kubernetesObject,
  stripe: z.strictObject({
    existingSecret: optionalName,
    key,
    accountId: z.string().regex(/^(acct_\w+)?$/),
    sources: z.strictObject({ existingSecret: optionalName, key }),
  }),
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
    monitoringScheme: z.enum(["http", "https"]),
    authentication: z.enum(["password", "creds"]),
    caSecret: optionalName,
    caKey: key,
    users: z.strictObject({ ingress: user, consumer: user, purger: user, reconcile: user, admin: user }),
  }),
  postgres: z.strictObject({
    existingSecret: name,
    urlKey: optionalKey,
    caSecret: optionalName,
    caKey: key,
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
    ...service,
    autoscaling: cpuScaling,
    maxBodyBytes: z.int().min(1_024).max(8_000_000),
    trustProxy: text,
    allowedAddresses: z.strictObject({ existingConfigMap: optionalName, key }),
    requireStreamReplicas: z.int().min(1).max(5),
    durabilityCheck: z.enum(["on", "off"]),
    ...access,
  }),
  consumer: z.strictObject({ ...service, batchSize: z.int().min(1).max(5_000), autoscaling: lagScaling }),
  revenueQuery: z.strictObject({
    ...service,
    autoscaling: cpuScaling,
    poolSize: z.int().min(1).max(100),
    trustProxy: text,
    page,
    ...access,
  }),
  jobs,
  migration: z.strictObject(oneOffJob),
  stream: z.strictObject({
    ...oneOffJob,
    replicas: z.int().min(1).max(5),
    maxBytes: z.string().regex(/^\d{7,15}$/),
  }),
  purge: z.strictObject({ ...scheduledJob, keepDays: positive }),
  payloadPrune: z.strictObject({ ...scheduledJob, retentionDays: z.int().min(1).max(36_500) }),
  reconcile: z.strictObject({ ...scheduledJob, sources: sourceNames, existingSecret: name, key }),
  balanceSync: z.strictObject({
    ...scheduledJob,
    sources: sourceNames,
    accounts: z.array(z.string().regex(/^acct_\w+$/)),
    overlap: z.string().regex(/^\d+[smhd]$/),
  }),
  endpointWatch,
  toolbox,
  podDisruptionBudget: z.strictObject({ enabled: flag }),
  serviceAccountName: text,
  serviceAccountAnnotations: texts,
  networkPolicy: z.strictObject({
    enabled: flag,
    ingressFrom: kubernetesObjects,
    revenueQueryFrom: kubernetesObjects,
    pageFrom: kubernetesObjects,
    metricsFrom: kubernetesObjects,
    natsTo: kubernetesObjects,
    postgresTo: kubernetesObjects,
    otelTo: kubernetesObjects,
    stripeTo: kubernetesObjects,
    kubernetesTo: kubernetesObjects,
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
  test: z.strictObject({ timeoutSeconds: positive, resources: kubernetesObject }),
});
