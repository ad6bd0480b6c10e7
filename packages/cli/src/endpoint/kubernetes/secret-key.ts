import { TakingsError } from "@takings/domain";
import { z } from "zod";
import { type ApiRequest, type ApiResponse, requestCluster } from "./api-request.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { refusalOf } from "./refusal.ts";

/** One key of one existing Secret. */
export type SecretKey = {
  /** Reads its text; empty where the Secret does not have the key. @throws TakingsError */
  read(): Promise<string>;
  /**
   * Replaces its text by what `change` makes of it, and leaves everything else of the Secret as it is. `change` is called
   * again, with the newer text, when somebody else changed the Secret in between.
   * @throws TakingsError
   */
  update(change: (text: string) => string): Promise<void>;
  /** Fails where {@link update} would fail, as far as that can be known before. @throws TakingsError */
  requireWritable(): Promise<void>;
  /** The Secret, for events about it. The unique id is known after the first read. */
  reference(): ObjectReference;
};

/** Names an object: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-reference/ */
export type ObjectReference = {
  readonly apiVersion: "v1";
  readonly kind: "Secret";
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
};

/** Each attempt that fails means that somebody else's change succeeded. */
const maxAttempts = 5;

const secret = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string() }),
  data: z.record(z.string(), z.base64()).nullish(),
});

/** Opens a key of the Secret of this name in the namespace of the pod. Contacts nothing yet. */
export function openSecretKey(access: ClusterAccess, name: string, key: string): SecretKey {
  const object = `Secret ${name} in namespace ${access.namespace}`;
  const path = `/api/v1/namespaces/${access.namespace}/secrets/${name}`;
  let uid: string | undefined;

  const parse = (request: ApiRequest, response: ApiResponse): { version: string; text: string } => {
    if (response.status !== 200) throw refusalOf(request, response, object);
    const { success, data: found } = secret.safeParse(response.body);
    if (!success) {
      throw new TakingsError("invalid", `The response to ${request.method} ${path} is no Secret`);
    }
    uid = found.metadata.uid;
    const text = Buffer.from(found.data?.[key] ?? "", "base64").toString("utf8");
    return { version: found.metadata.resourceVersion, text };
  };
  const get = async (): Promise<{ version: string; text: string }> => {
    const request: ApiRequest = { method: "GET", path };
    return parse(request, await requestCluster(access, request));
  };
  return {
    read: async () => (await get()).text,
    async update(change) {
      for (let attempt = 1; ; attempt += 1) {
        const { version, text } = await get();
        const changed = change(text);
        if (changed === text) return;
        const data = { [key]: Buffer.from(changed).toString("base64") };
        // With a version the server refuses the patch if the Secret has been changed since it was read:
        // https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
        const body = { metadata: { resourceVersion: version }, data };
        const request: ApiRequest = { method: "PATCH", path, body };
        const response = await requestCluster(access, request);
        if (response.status === 409 && attempt < maxAttempts) continue;
        parse(request, response);
        return;
      }
    },
    async requireWritable() {
      // https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run: checks the rights as well, and changes nothing.
      const request: ApiRequest = { method: "PATCH", path: `${path}?dryRun=All`, body: {} };
      parse(request, await requestCluster(access, request));
    },
    reference: () => ({
      apiVersion: "v1",
      kind: "Secret",
      namespace: access.namespace,
      name,
      ...(uid !== undefined && { uid }),
    }),
  };
}
