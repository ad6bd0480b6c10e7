import { z } from "zod";
import { dashboards } from "./monitoring/dashboards.ts";
import { ruleText } from "./monitoring/rule-file.ts";
import { nackResources } from "./charts/nack-resources.ts";
import { natsUsersConfig } from "./charts/nats-users.ts";
import { productValuesSchema } from "./charts/product-values.ts";
import { stackValuesSchema } from "./charts/stack-values.ts";
import { externalSecrets } from "./production/external-secrets.ts";
import { natsUsersValues } from "./production/nats-users-values.ts";

/** A file that is generated from code. The path is relative to the root of the repository. */
export type GeneratedFile = { readonly path: string; readonly content: string };

/** A NATS cluster of three servers, with storage for a long outage of the consumers. */
const production = { replicas: 3, maxBytes: 100_000_000_000 };

/** All generated files with their current content. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: "charts/takings/values.schema.json", content: jsonSchema(productValuesSchema) },
    { path: "charts/takings-stack/values.schema.json", content: jsonSchema(stackValuesSchema) },
    { path: "charts/takings-stack/files/nats-users.conf", content: natsUsersConfig() },
    { path: "k8s/production/stream.yaml", content: nackResources(production) },
    { path: "k8s/production/nats-users.yaml", content: natsUsersValues() },
    { path: "k8s/production/external-secrets.yaml", content: externalSecrets() },
    { path: "charts/takings/files/rules.yaml", content: ruleText() },
    ...Object.entries(dashboards()).map(([name, dashboard]) => ({
      path: `charts/takings/files/dashboards/${name}.json`,
      content: `${JSON.stringify(dashboard, null, 2)}\n`,
    })),
  ];
}

// Every version of Helm supports draft 7.
function jsonSchema(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { target: "draft-7", io: "input" }), null, 2)}\n`;
}
