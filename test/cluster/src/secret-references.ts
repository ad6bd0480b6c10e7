import type { Manifest } from "./render.ts";

/** A Secret that something refers to, as `namespace/name`, with the keys that it reads; none are known for whole Secrets. */
export type SecretReference = { readonly secret: string; readonly keys: readonly string[] };

type Found = { readonly name: string; readonly keys: readonly string[] };

/**
 * The Secrets that a resource or values of a chart refer to, wherever they are named: volumes and variables of pods,
 * `passwordSecret` and `s3Credentials` of CloudNativePG, `secret` of NACK, `secretName` of the nats chart.
 */
export function secretReferences(value: Manifest, namespace: string): readonly SecretReference[] {
  return within(value).map(({ name, keys }) => ({ secret: `${namespace}/${name}`, keys }));
}

function within(value: Manifest): readonly Found[] {
  if (Array.isArray(value)) return value.flatMap(within);
  if (typeof value !== "object" || value === null) return [];
  return [...direct(value), ...Object.values(value).flatMap(within)];
}

function direct(value: Manifest): readonly Found[] {
  const { secretName, secretKeyRef, passwordSecret, secret } = value;
  // Fields of NACK's Account beside `secret` name its keys.
  const accountKeys = ["user", "password", "ca"].map((field) => value[field]);
  const keysOf = (list: readonly unknown[]): string[] => list.filter((key) => typeof key === "string");
  return [
    ...(secretName && !value.issuerRef ? [{ name: secretName, keys: itemsOf(value) }] : []),
    ...(secretKeyRef ? [{ name: secretKeyRef.name, keys: [secretKeyRef.key] }] : []),
    ...(passwordSecret ? [{ name: passwordSecret.name, keys: ["username", "password"] }] : []),
    ...(secret?.name ? [{ name: secret.name, keys: keysOf(accountKeys) }] : []),
    ...Object.values(value.s3Credentials ?? {}).map(({ name, key }: Manifest) => ({ name, keys: [key] })),
  ];
}

function itemsOf({ items }: Manifest): readonly string[] {
  return (items ?? []).map(({ key }: Manifest) => key);
}
