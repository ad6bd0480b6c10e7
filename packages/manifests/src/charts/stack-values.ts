import { z } from "zod";

const flag = z.boolean();
const image = z.string().min(1);
const resources = z.looseObject({});
const storage = z.string().regex(/^\d+(Mi|Gi|Ti)$/);

/** The schema of charts/takings-stack/values.yaml, from which values.schema.json is generated. */
export const stackValuesSchema: z.ZodType = z.strictObject({
  global: z.looseObject({}).optional(),
  imagePullSecrets: z.array(z.string()),
  secrets: z.strictObject({ webhookSecret: z.string() }),
  nats: z.strictObject({ image, storage, resources }),
  postgres: z.strictObject({ image, storage, resources }),
  collector: z.strictObject({ enabled: flag, image, tracesEndpoint: z.string(), resources }),
  tempo: z.strictObject({ enabled: flag, image, resources }),
  prometheus: z.strictObject({ enabled: flag, image, retention: z.string().regex(/^\d+[hdwy]$/), resources }),
  grafana: z.strictObject({ enabled: flag, image, anonymous: flag, lokiUrl: z.string(), resources }),
});
