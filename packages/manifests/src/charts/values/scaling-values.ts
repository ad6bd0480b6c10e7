import { z } from "zod";
import { count, flag, kubernetesObject, positive, text, texts } from "./value-types.ts";

/** Scaling of a service by its use of CPU. */
export const cpuScaling: z.ZodType = z.strictObject({
  enabled: flag,
  minReplicas: positive,
  maxReplicas: positive,
  targetCPU: z.int().min(1).max(100),
  behavior: kubernetesObject,
});

/** Scaling of the consumer by its lag. */
export const lagScaling: z.ZodType = z.strictObject({
  enabled: flag,
  // Exactly one: two autoscalers of one Deployment would conflict.
  provider: z.enum(["keda", "hpa"]),
  minReplicas: count,
  maxReplicas: positive,
  lagThreshold: positive,
  behavior: kubernetesObject,
  keda: z.strictObject({
    pollingInterval: positive,
    failureThreshold: positive,
    fallbackReplicas: count,
    cooldownPeriod: count,
    initialCooldownPeriod: count,
    authenticationRef: kubernetesObject,
    annotations: texts,
  }),
  metric: z.strictObject({ name: text, selector: kubernetesObject }),
});
