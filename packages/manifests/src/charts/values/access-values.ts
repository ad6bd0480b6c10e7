import { z } from "zod";
import { flag, kubernetesObject, kubernetesObjects, optionalName, text, texts } from "./value-types.ts";

/** A field that is left out when it is empty. */
const optional = (...names: readonly string[]): z.ZodType => z.enum(["", ...names]);

const http = z.strictObject({
  enabled: flag,
  className: text,
  annotations: texts,
  labels: texts,
  host: text,
  tlsSecret: optionalName,
  hosts: z.array(z.strictObject({ host: z.string().min(1), tlsSecret: optionalName.optional() })),
  pathType: z.enum(["Exact", "Prefix", "ImplementationSpecific"]),
});
const httpRoute = z.strictObject({
  enabled: flag,
  parentRefs: kubernetesObjects,
  hostnames: z.array(z.string()),
  annotations: texts,
  labels: texts,
  filters: kubernetesObjects,
  timeouts: kubernetesObject,
  gkeHealthCheckPolicy: flag,
});

/** A URL without a path. */
const origin = z.string().regex(/^(https?:\/\/[^/\s]+)?$/);

/** The page for people, and how they reach it. */
export const page: z.ZodType = z.strictObject({
  publicUrl: origin,
  // The name of a header field: https://www.rfc-editor.org/rfc/rfc9110#section-5.1
  userHeader: z.string().regex(/^[A-Za-z0-9-]*$/),
  grafanaUrl: z.string().regex(/^(https?:\/\/\S+)?$/),
  http,
  httpRoute,
});

/** How clients reach a service: its Service, Ingress and HTTPRoute. */
export const access = {
  service: z.strictObject({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]),
    port: z.int().min(1).max(65_535),
    nodePort: z.int().nullable().optional(),
    annotations: texts,
    labels: texts,
    ipFamilyPolicy: optional("SingleStack", "PreferDualStack", "RequireDualStack"),
    ipFamilies: z.array(z.enum(["IPv4", "IPv6"])),
    loadBalancerClass: text,
    loadBalancerSourceRanges: z.array(z.string()),
    externalTrafficPolicy: optional("Cluster", "Local"),
    sessionAffinity: optional("None", "ClientIP"),
    // Kubernetes adds values from time to time.
    trafficDistribution: text,
  }),
  http,
  httpRoute,
} as const;
