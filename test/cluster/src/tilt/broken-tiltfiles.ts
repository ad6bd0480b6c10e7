import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "@takings/local";

/** The project's Tiltfile with one fault. */
type BrokenTiltfile = {
  readonly title: string;
  /** What is replaced. */
  readonly from: string | RegExp;
  readonly to: string;
  /** What the error or the fault says. */
  readonly finds: RegExp;
  /** True when Tilt does not load it; otherwise it is loaded, but does not come up or is not updated. */
  readonly refused: boolean;
};

/** Tiltfiles with which `tilt up` fails. */
export const brokenTiltfiles: readonly BrokenTiltfile[] = [
  {
    title: "a second workload of the same name",
    from: /$/,
    to: "k8s_kind('ScaledObject', api_version='keda.sh/v1alpha1')\n",
    finds:
      /k8s_resource specified unknown resource "takings-consumer"\. known k8s resources: .*takings-consumer:deployment/,
    refused: true,
  },
  {
    title: "objects without a namespace",
    from: /namespace_inject\((local\([^)]*\)), ns\)/,
    to: "$1",
    finds: /Deployment\/takings-consumer is in the namespace default/,
    refused: false,
  },
  {
    title: "values that are not watched",
    from: ", 'k8s/dev-values.yaml']:",
    to: "]:",
    finds: /k8s\/dev-values.yaml is not watched/,
    refused: false,
  },
  {
    title: "an autoscaler that does not wait for its operator",
    from: "after + ['keda']",
    to: "after",
    finds: /takings-consumer does not wait for keda/,
    refused: false,
  },
  {
    title: "a custom resource that is applied before all resources",
    from: /objects=\['takings-consumer:scaledobject'\]/,
    to: "objects=[]",
    finds: /ScaledObject\/takings-consumer is applied before the operator that knows its kind/,
    refused: false,
  },
  {
    title: "a job that each edit runs again",
    from: "trigger_mode=TRIGGER_MODE_MANUAL)\n        after",
    to: ")\n        after",
    finds: /an edit builds the image again for the job takings-migrate/,
    refused: false,
  },
  {
    title: "a container whose files cannot be replaced",
    from: "'--set', 'image.tag=dev'",
    to: "'--set', 'image.tag=dev,toolbox.container.securityContext.readOnlyRootFilesystem=true'",
    finds: /the files of takings-toolbox cannot be replaced/,
    refused: false,
  },
  {
    title: "a service that does not wait for the jobs",
    from: "k8s_resource('takings-ingress', labels=['takings'], resource_deps=after,",
    to: "k8s_resource('takings-ingress', labels=['takings'],",
    finds: /takings-ingress does not wait for takings-migrate/,
    refused: false,
  },
  {
    title: "a dependency on an unknown resource",
    from: "resource_deps=['stack'], allow_parallel",
    to: "resource_deps=['stakc'], allow_parallel",
    finds: /specified a dependency on unknown resource stakc/,
    refused: false,
  },
  {
    title: "a fragment of no object",
    from: "takings-consumer:scaledobject",
    to: "takings-consumer:scaledobjekt",
    finds: /No object identified by the fragment "takings-consumer:scaledobjekt" could be found/,
    refused: true,
  },
  {
    title: "a fragment of several objects",
    from: "'takings-consumer:scaledobject'",
    to: "'takings-consumer'",
    finds: /"takings-consumer" is not a unique fragment/,
    refused: true,
  },
  {
    title: "an image that no object has",
    from: "docker_build('takings'",
    to: "docker_build('taking'",
    finds: /Image not used in any Kubernetes config: taking/,
    refused: false,
  },
  {
    title: "a live update of files outside the image",
    from: "only=manifests + ['LICENSE'] + code",
    to: "only=manifests",
    finds: /packages\/cli\/src is not part of the image takings/,
    refused: false,
  },
  {
    title: "an unknown parameter of an extension",
    from: "namespace='keda',",
    to: "namespaces='keda',",
    finds: /unexpected keyword argument ["']namespaces["']/,
    refused: true,
  },
  {
    title: "an unknown parameter of a function",
    from: "auto_init=False",
    to: "autoinit=False",
    finds: /unexpected keyword argument ["']autoinit["']/,
    refused: true,
  },
  {
    title: "a name that an extension does not have",
    from: "'text_input')",
    to: "'text_input', 'number_input')",
    finds: /name number_input not found in module ext:\/\/uibutton/,
    refused: true,
  },
  {
    title: "Python that is not Starlark",
    from: "ns = 'takings'",
    to: "ns = f'takings'",
    finds: /Starlark has no JoinedStr|got string literal, want newline/,
    refused: true,
  },
];

/** Calls `use` with the file of the broken Tiltfile, in a folder that has everything else of the project. */
export async function withBrokenTiltfile<T>(
  { from, to, title }: BrokenTiltfile,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const root = projectRoot();
  const source = readFileSync(join(root, "Tiltfile"), "utf8");
  const changed = source.replace(from, to);
  if (changed === source) throw new Error(`The Tiltfile does not have what is replaced for: ${title}`);
  const dir = mkdtempSync(join(tmpdir(), "takings-tiltfile-"));
  try {
    for (const name of readdirSync(root))
      if (name !== "Tiltfile") symlinkSync(join(root, name), join(dir, name));
    const file = join(dir, "Tiltfile");
    writeFileSync(file, changed);
    return await use(file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
