import {
  type FileListener,
  followSecrets,
  type Logger,
  type SecretList,
  type Sources,
  signingSecretShape,
} from "@takings/runtime";

/** What {@link createSecretsFiles} depends on. */
export type SecretsFilesDependencies = {
  /** Makes the listener of a file. */
  readonly listenerOf: (file: string) => FileListener;
  /** Why a source must not have a secret that was added to its file, to be appended to its position in the file. */
  readonly takenReason: (secret: string, source: string) => string | undefined;
  readonly log: Logger;
};

/** The files with secrets that sources name. */
export type SecretsFiles = {
  /**
   * The secrets in the file of a source, which is followed from the first call on.
   * @throws ConfigError naming source and key when it cannot be used then.
   */
  of(source: string, file: string): SecretList;
  /** Forgets the files that are in none of these sources. */
  forgetAllBut(sources: Sources): void;
};

/** Creates the files; none is followed yet. */
export function createSecretsFiles(dependencies: SecretsFilesDependencies): SecretsFiles {
  const { listenerOf } = dependencies;
  const files = new Map<string, SecretList>();
  return {
    of(source, file) {
      const key = keyOf(source, file);
      const secrets = files.get(key) ?? followFileOf(source, file, dependencies);
      files.set(key, secrets);
      return secrets;
    },
    forgetAllBut(sources) {
      const named = new Set(
        [...sources].map(([name, { webhookSecretsFile: file = "" }]) => keyOf(name, file)),
      );
      for (const key of files.keys())
        if (!named.has(key)) {
          files.delete(key);
          // What is followed no more is not broken.
          listenerOf(key)(true);
        }
    },
  };
}

function followFileOf(
  source: string,
  file: string,
  { listenerOf, takenReason, log }: SecretsFilesDependencies,
): SecretList {
  // At the start, the check of all sources compares it with those that will be in use.
  let isStarted = false;
  const shape = {
    ...signingSecretShape,
    invalidReason: (word: string) =>
      signingSecretShape.invalidReason(word) ?? (isStarted ? takenReason(word, source) : undefined),
  };
  const settings = {
    name: `source ${source}: webhook_secrets`,
    fileSetting: `source ${source}: webhook_secrets_file`,
  };
  const secrets = followSecrets(
    { ...settings, text: undefined, file, shape },
    log,
    listenerOf(keyOf(source, file)),
  );
  isStarted = true;
  return secrets;
}

function keyOf(source: string, file: string): string {
  return `${source}: ${file}`;
}
