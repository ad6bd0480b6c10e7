import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { strictCopy } from "./strict-copy.ts";

// node test/cluster/src/make-schemas.ts core openapi-v2.json | crd FILE…
// Generates schemas/ for kubeconform, from the response of an API server's /openapi/v2 and from operators' CRDs.

const dir = join(import.meta.dirname, "../schemas");
/** The built-in kinds that the charts use. */
const coreKinds = [
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.apps.v1.StatefulSet",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  "io.k8s.api.batch.v1.CronJob",
  "io.k8s.api.batch.v1.Job",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.Pod",
  "io.k8s.api.core.v1.Secret",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.api.networking.v1.Ingress",
  "io.k8s.api.networking.v1.NetworkPolicy",
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  "io.k8s.api.rbac.v1.Role",
  "io.k8s.api.rbac.v1.RoleBinding",
];

type Definition = {
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; kind: string; version: string }[];
};
type Crd = {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }[];
  };
};

const [mode, ...files] = process.argv.slice(2);
for (const file of files) {
  const text = readFileSync(file, "utf8");
  if (mode === "core") fromApiServer(JSON.parse(text).definitions);
  else for (const document of parseAllDocuments(text)) fromCrd(document.toJS());
}

function fromApiServer(definitions: Readonly<Record<string, Definition>>): void {
  for (const name of coreKinds) {
    const definition = definitions[name];
    const named = definition?.["x-kubernetes-group-version-kind"]?.[0];
    if (definition === undefined || named === undefined)
      throw new Error(`The API server's schema has no definition of ${name}`);
    write(named.group || "core", named.kind, named.version, strictCopy(definition, definitions));
  }
}

function fromCrd({ kind, spec }: Crd): void {
  if (kind !== "CustomResourceDefinition") return;
  for (const { name, schema } of spec.versions)
    write(spec.group, spec.names.kind, name, strictCopy(schema.openAPIV3Schema, {}));
}

function write(group: string, kind: string, version: string, schema: object): void {
  mkdirSync(join(dir, group), { recursive: true });
  writeFileSync(join(dir, group, `${kind.toLowerCase()}_${version}.json`), `${JSON.stringify(schema)}\n`);
}
