import type { SecretStore } from "@takings/endpoint";
import type { SecretKey } from "./secret-key.ts";

/** The syntax of a text that holds signing secrets. */
export type SecretText = {
  /** The secrets in a text. @throws TakingsError where it cannot be understood. */
  read(text: string): readonly string[];
  /** The text with these secrets instead, and everything else in it as it was. */
  write(text: string, secrets: readonly string[]): string;
};

/** Opens a store in a key of a Kubernetes Secret, which is mounted into the pods of ingress. */
export function openKubernetesSecretStore(key: SecretKey, { read, write }: SecretText): SecretStore {
  return {
    read: async () => read(await key.read()),
    update: (change) => key.update((text) => write(text, change(read(text)))),
    requireWritable: () => key.requireWritable(),
  };
}
