import { z } from "zod";
import {
  count,
  flag,
  key,
  kubernetesObject,
  kubernetesObjects,
  name,
  optionalName,
  positive,
  sourceName,
  texts,
} from "./value-types.ts";

const pod = {
  env: z.record(
    z.string().regex(/^[A-Za-z_]\w*$/),
    z.union([z.string(), z.number(), z.boolean(), kubernetesObject]),
  ),
  pod: kubernetesObject,
  container: kubernetesObject,
  extraVolumes: kubernetesObjects,
  extraVolumeMounts: kubernetesObjects,
  initContainers: kubernetesObjects,
  podLabels: texts,
  podAnnotations: texts,
  annotations: texts,
};
const deployment = { ...pod, resources: kubernetesObject, extraContainers: kubernetesObjects };
const countOrPercent = z.union([count, z.string().regex(/^\d+%$/)]);

/** What all services have. */
export const service = {
  ...deployment,
  replicas: count,
  strategy: kubernetesObject,
  podDisruptionBudget: z.strictObject({
    minAvailable: countOrPercent.optional(),
    maxUnavailable: countOrPercent.optional(),
  }),
} as const;

/** The pod in which operators run commands. */
export const toolbox: z.ZodType = z.strictObject({ enabled: flag, ...deployment });

/** The pod that looks after the webhook endpoint at Stripe. */
export const endpointWatch: z.ZodType = z.strictObject({
  enabled: flag,
  url: z.string().regex(/^(https:\/\/\S+)?$/),
  source: sourceName,
  connect: flag,
  adopt: flag,
  intervalSeconds: z.int().min(10).max(3_600),
  existingSecret: name,
  key,
  secretName: optionalName,
  ...deployment,
});

/** What all jobs have in common. A further container would keep a job from ending, so there is no value for it. */
export const jobs: z.ZodType = z.strictObject({ ...pod, serviceAccountName: optionalName });

/** A job that runs once per release. */
export const oneOffJob = {
  enabled: flag,
  hook: flag,
  backoffLimit: count,
  activeDeadlineSeconds: positive,
  ttlSecondsAfterFinished: count,
  resources: kubernetesObject,
} as const;

/** A job that runs on a schedule. */
export const scheduledJob = {
  enabled: flag,
  schedule: z.string().regex(/^(@\w+|(\S+\s+){4}\S+)$/),
  timeZone: z.string(),
  suspend: flag,
  activeDeadlineSeconds: positive,
  successfulJobsHistoryLimit: count,
  failedJobsHistoryLimit: count,
  resources: kubernetesObject,
} as const;
