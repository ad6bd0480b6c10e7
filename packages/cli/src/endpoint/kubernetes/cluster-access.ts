import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, type Environment } from "@takings/runtime";

/** How a pod reaches the API server of its cluster, with the rights of its service account. */
export type ClusterAccess = {
  readonly url: URL;
  /** The namespace of the pod. */
  readonly namespace: string;
  /** The token, read again at each call: the kubelet replaces it before it expires. */
  readonly token: () => string;
  /** The certificates of the cluster's authority, read again at each call. */
  readonly authority: () => Buffer;
};

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Finds the API server from inside a pod.
 * @param directory the files of the service account.
 * @throws ConfigError outside a pod, and where the pod has no token.
 */
export function clusterAccess(
  environment: Environment,
  directory: string = serviceAccountDirectory,
): ClusterAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (host === undefined) {
    throw new ConfigError([
      "KUBERNETES_SERVICE_HOST: is not set, so this is not a pod: --kubernetes-secret works in a pod only; " +
        "use --secret-file elsewhere",
    ]);
  }
  const file = (name: string): Buffer => {
    try {
      return readFileSync(join(directory, name));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError([
        `${directory}: the service account's ${name} cannot be read (${reason}): mount the token of a service account`,
      ]);
    }
  };
  const text = (name: string): string => file(name).toString("utf8").trim();
  text("token");
  return {
    url: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`),
    namespace: text("namespace"),
    token: () => text("token"),
    authority: () => file("ca.crt"),
  };
}
