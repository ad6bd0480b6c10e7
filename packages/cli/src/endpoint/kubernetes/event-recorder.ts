import { type ApiRequest, requestCluster } from "./api-request.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { refusalOf } from "./refusal.ts";
import type { ObjectReference } from "./secret-key.ts";

/** Something that happened to an object, as `kubectl describe` and `kubectl get events` show it. */
export type ClusterEvent = {
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
};

const component = "takings-endpoint-watch";
/** The limit of `note` in the newer form of the same objects: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ */
const maxMessageLength = 1_024;

/** Creates an Event about an object of the pod's namespace. @throws TakingsError */
export async function recordEvent(
  access: ClusterAccess,
  about: ObjectReference,
  { type, reason, message }: ClusterEvent,
): Promise<void> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const request: ApiRequest = {
    method: "POST",
    path: `/api/v1/namespaces/${access.namespace}/events`,
    body: {
      apiVersion: "v1",
      kind: "Event",
      metadata: { generateName: `${about.name}.`, namespace: access.namespace },
      involvedObject: about,
      type,
      reason,
      message: message.slice(0, maxMessageLength),
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      source: { component },
    },
  };
  const response = await requestCluster(access, request);
  if (response.status !== 201) throw refusalOf(request, response, "events of this namespace");
}
