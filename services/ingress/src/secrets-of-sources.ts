import {
  ConfigError,
  type FileListener,
  type Logger,
  type SecretList,
  type Sources,
  type SourcesCheck,
} from "@takings/runtime";
import { createSecretsFiles, type SecretsFiles } from "./source-secrets-files.ts";
import { type SigningSecret, type SigningSecrets, signingSecrets } from "./signing-secrets.ts";

/** What {@link createSecretsOfSources} depends on. */
export type SecretsOfSourcesDependencies = {
  readonly secretsOfDefault: SigningSecrets;
  readonly log: Logger;
  /** Called for each source when it comes into use. */
  readonly onServed: (source: string) => void;
  /** Called for each secret when it comes into use. */
  readonly onLive: (source: string, fingerprint: string) => void;
  /** Told whether the file of sources and the files that it names are in use as they are. */
  readonly onFile: FileListener;
};

/** The signing secrets of the sources in the file, which may name further files with secrets. All are followed. */
export type SecretsOfSources = {
  /** Why these sources must not be used: a file that cannot, or one secret in two sources. */
  readonly check: SourcesCheck;
  /** To be told whether the file of sources is in use. */
  readonly onSourcesFile: FileListener;
  /** Takes these sources into use, and their changes. */
  follow(sources: () => Sources): void;
  size(): number;
  /** The secrets in use now; `undefined` where the file has no such source. */
  secretsOf(source: string): readonly SigningSecret[] | undefined;
  /** Why a source must not have this secret: another one has it. @param except the source that asks. */
  ownedReason(secret: string, except?: string): string | undefined;
  /** Reads all files again. */
  readFiles(): void;
};

const sourcesSetting = "STRIPE_SOURCES_FILE";
const noSecrets: readonly string[] = [];

/** Creates them; there is no source before `follow`. */
export function createSecretsOfSources(dependencies: SecretsOfSourcesDependencies): SecretsOfSources {
  const { secretsOfDefault, log, onServed, onLive, onFile } = dependencies;
  let follow: () => Sources = () => new Map();
  let known: Sources | undefined;
  let live: ReadonlyMap<string, SigningSecrets> = new Map();
  const listenerOf = createListeners(onFile);
  const ownedReason = (secret: string, except?: string): string | undefined => {
    const owner = [...live].find(
      ([name, secrets]) => name !== except && secrets().some((one) => one.secret === secret),
    );
    return owner === undefined ? undefined : `is also one of source ${owner[0]} in ${sourcesSetting}`;
  };
  const files = createSecretsFiles({
    listenerOf,
    takenReason: (secret, source) =>
      secretsOfDefault().some((one) => one.secret === secret)
        ? "is also one of STRIPE_WEBHOOK_SECRETS"
        : ownedReason(secret, source),
    log,
  });
  const current = (): ReadonlyMap<string, SigningSecrets> => {
    const sources = follow();
    if (sources === known) return live;
    known = sources;
    live = new Map(
      [...sources].map(([name, { webhookSecrets, webhookSecretsFile: file }]) => [
        name,
        withFingerprints(
          webhookSecrets,
          file === undefined ? () => noSecrets : files.of(name, file),
          (fingerprint) => onLive(name, fingerprint),
        ),
      ]),
    );
    files.forgetAllBut(sources);
    for (const name of live.keys()) onServed(name);
    return live;
  };
  const readFiles = (): void => {
    for (const secrets of current().values()) secrets();
  };
  return {
    check: (sources) => problemsOf(sources, secretsOfDefault(), files.of),
    onSourcesFile: listenerOf(sourcesSetting),
    follow(sources) {
      follow = sources;
      readFiles();
    },
    size: () => current().size,
    secretsOf: (source) => current().get(source)?.(),
    ownedReason,
    readFiles,
  };
}

/** Makes the listeners of files that are reported as one: it is in use as it is when all are. */
function createListeners(onFile: FileListener): (file: string) => FileListener {
  const refused = new Set<string>();
  return (file) => (isUsable) => {
    if (isUsable) refused.delete(file);
    else refused.add(file);
    onFile(refused.size === 0);
  };
}

/** The secrets of a source, from the file of sources and from its own file; the same list until they change. */
function withFingerprints(
  fixed: readonly string[],
  inFile: SecretList,
  onLive: (fingerprint: string) => void,
): SigningSecrets {
  let known: readonly string[] | undefined;
  let live: readonly SigningSecret[] = [];
  return () => {
    const found = inFile();
    if (found === known) return live;
    known = found;
    live = signingSecrets([...new Set([...fixed, ...found])]);
    for (const { fingerprint } of live) onLive(fingerprint);
    return live;
  };
}

/** Whose event it is must be beyond doubt. */
function problemsOf(
  sources: Sources,
  ofDefault: readonly SigningSecret[],
  fileOf: SecretsFiles["of"],
): readonly string[] {
  const problems: string[] = [];
  const owners = new Map(ofDefault.map(({ secret }) => [secret, "STRIPE_WEBHOOK_SECRETS"]));
  for (const [name, { webhookSecrets, webhookSecretsFile: file }] of sources) {
    const add = (key: string, secrets: readonly string[]): void => {
      const own = `source ${name}`;
      const taken = secrets.map((secret) => owners.get(secret)).find((owner) => (owner ?? own) !== own);
      if (taken !== undefined) problems.push(`${own}: ${key}: one of them is also in ${taken}`);
      for (const secret of secrets) owners.set(secret, own);
    };
    add("webhook_secrets", webhookSecrets);
    if (file === undefined) continue;
    try {
      add("webhook_secrets_file", fileOf(name, file)());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  return problems;
}
