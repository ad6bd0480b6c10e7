import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { parse, parseAllDocuments } from "yaml";
import type { Manifest } from "./render.ts";

const folder = join(projectRoot(), "k8s/production");

/** The files of k8s/production, relative to it. */
export function productionFiles(): readonly string[] {
  return globSync("**/*.*", { cwd: folder }).toSorted();
}

/** The absolute path of a file of k8s/production. */
export function productionPath(file: string): string {
  return join(folder, file);
}

/** The text of a file of k8s/production. */
export function readProduction(file: string): string {
  return readFileSync(productionPath(file), "utf8");
}

/** The values of a chart. */
export function productionValues(file: string): Manifest {
  return parse(readProduction(file));
}

/** The files with Kubernetes resources; the others are values of charts, a script and the README. */
export function resourceFiles(): readonly string[] {
  return productionFiles().filter((file) => file.endsWith(".yaml") && /^kind: /m.test(readProduction(file)));
}

/** The resources of all files, or of one. */
export function productionResources(file?: string): readonly Manifest[] {
  return (file === undefined ? resourceFiles() : [file]).flatMap((one) =>
    parseAllDocuments(readProduction(one)).map((document) => document.toJS()),
  );
}

/** The only resource of a kind, or the one with a name. @throws when there is none. */
export function productionResource(kind: string, name?: string): Manifest {
  const found = productionResources().find(
    (resource) => resource.kind === kind && (name === undefined || resource.metadata.name === name),
  );
  if (found === undefined) throw new Error(`k8s/production has no ${kind} ${name ?? ""}`);
  return found;
}
