import { defaultSource } from "@takings/domain";
import {
  ConfigError,
  type FileListener,
  followSources,
  type Logger,
  type Sources,
  signingSecretShape,
} from "@takings/runtime";
import {
  loadSigningSecrets,
  type SecretsLocation,
  type SigningSecret,
  type SigningSecrets,
  signingSecrets,
} from "./signing-secrets.ts";

/** The signing secrets of a source in use now; `undefined` where there is no such source. */
export type ServedSources = (source: string) => readonly SigningSecret[] | undefined;

/** Where the secrets are: those of the default source, and the file of the other sources. At least one is set. */
export type SourcesLocation = {
  readonly signingSecrets: SecretsLocation;
  readonly sourcesFile: string | undefined;
};

/** What {@link loadSources} depends on. */
export type SourcesDependencies = {
  readonly log: Logger;
  /** Called for each source when it comes into use. */
  readonly onServed: (source: string) => void;
  /** Called for each secret of a source when it comes into use. */
  readonly onLive: (source: string, fingerprint: string) => void;
  /** Makes the listener of the file of a setting. */
  readonly onFile: (setting: string) => FileListener;
};

/**
 * Loads the sources and their secrets, and reloads their files whenever they change.
 * @throws ConfigError when there is no secret at the start: a service that accepts unsigned events must not run.
 */
export function loadSources(location: SourcesLocation, dependencies: SourcesDependencies): ServedSources {
  const { text, file } = location.signingSecrets;
  const { sourcesFile } = location;
  const { log, onFile, onServed } = dependencies;
  let secretsOfDefault: SigningSecrets = () => [];
  let others: () => Sources = () => new Map();
  if (sourcesFile !== undefined)
    others = followSources(sourcesFile, log, onFile("STRIPE_SOURCES_FILE"), (sources) =>
      sharedSecrets(sources, secretsOfDefault()),
    );
  const secretsOfOthers = createSecretsOfOthers(others, dependencies);
  const hasDefault = (text ?? file) !== undefined;
  if (!hasDefault && others().size === 0)
    throw new ConfigError([
      "STRIPE_SOURCES_FILE: contains no source, and there are no STRIPE_WEBHOOK_SECRETS",
    ]);
  if (!hasDefault) return (source) => secretsOfOthers().get(source);
  secretsOfDefault = loadSigningSecrets(location.signingSecrets, {
    ...dependencies,
    onFile: onFile("STRIPE_WEBHOOK_SECRETS_FILE"),
    shape: {
      ...signingSecretShape,
      invalidReason: (word) => signingSecretShape.invalidReason(word) ?? ownedReason(word, others()),
    },
  });
  onServed(defaultSource);
  return (source) => (source === defaultSource ? secretsOfDefault() : secretsOfOthers().get(source));
}

type SecretsBySource = ReadonlyMap<string, readonly SigningSecret[]>;

/** The secrets of the sources in the file; the same map until the file changes. */
function createSecretsOfOthers(
  others: () => Sources,
  { onServed, onLive }: SourcesDependencies,
): () => SecretsBySource {
  let known: Sources | undefined;
  let live: SecretsBySource = new Map();
  const current = (): SecretsBySource => {
    const sources = others();
    if (sources === known) return live;
    known = sources;
    live = new Map([...sources].map(([name, { webhookSecrets }]) => [name, signingSecrets(webhookSecrets)]));
    for (const [name, secrets] of live) {
      onServed(name);
      for (const { fingerprint } of secrets) onLive(name, fingerprint);
    }
    return live;
  };
  current();
  return current;
}

/** Which secrets of the file are those of the default source too: whose event it is must be beyond doubt. */
function sharedSecrets(sources: Sources, ofDefault: readonly SigningSecret[]): string[] {
  const taken = new Set(ofDefault.map(({ secret }) => secret));
  return [...sources].flatMap(([name, { webhookSecrets }]) =>
    webhookSecrets.some((secret) => taken.has(secret))
      ? [`source ${name}: webhook_secrets: one of them is also in STRIPE_WEBHOOK_SECRETS`]
      : [],
  );
}

function ownedReason(secret: string, sources: Sources): string | undefined {
  const owner = [...sources].find(([, { webhookSecrets }]) => webhookSecrets.includes(secret));
  return owner === undefined ? undefined : `is also one of source ${owner[0]} in STRIPE_SOURCES_FILE`;
}
