import { join } from "node:path";

const schemas = join(import.meta.dirname, "../schemas");
const fileName = "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";

/**
 * The arguments of kubeconform for a strict check by the schemas of this folder. The core group has an empty name, which is
 * why kubeconform needs a second pattern.
 */
export const conform = [
  "-strict",
  "-summary",
  ...["{{.Group}}", "core"].flatMap((group) => ["-schema-location", join(schemas, group, fileName)]),
];
