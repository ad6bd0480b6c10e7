import { z } from "zod";
import { dashboards } from "./monitoring/dashboards.ts";
import { ruleText } from "./monitoring/rule-file.ts";
import { nackResources } from "./nack-resources.ts";
import { natsUsersConfig } from "./nats-users.ts";
import { productValuesSchema } from "./product-values.ts";
import { stackValuesSchema } from "./stack-values.ts";

/** A file that is made of something else in this repository; the path is relative to its root. */
export type GeneratedFile = { readonly path: string; readonly content: string };

/** A NATS cluster of three, and room for a long outage of everything behind it. */
const production = { replicas: 3, maxBytes: 100_000_000_000 };

/** All of them, as they have to be. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: "charts/takings/values.schema.json", content: jsonSchema(productValuesSchema) },
    { path: "charts/takings-stack/values.schema.json", content: jsonSchema(stackValuesSchema) },
    { path: "charts/takings-stack/files/nats-users.conf", content: natsUsersConfig() },
    { path: "k8s/production/stream.yaml", content: nackResources(production) },
    { path: "charts/takings/files/rules.yaml", content: ruleText() },
    ...Object.entries(dashboards()).map(([name, dashboard]) => ({
      path: `charts/takings/files/dashboards/${name}.json`,
      content: `${JSON.stringify(dashboard, null, 2)}\n`,
    })),
  ];
}

// Draft 7 is what every version of Helm understands.
function jsonSchema(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { target: "draft-7", io: "input" }), null, 2)}\n`;
}
