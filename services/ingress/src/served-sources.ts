import { defaultSource } from "@takings/domain";
import {
  ConfigError,
  type FileListener,
  followSources,
  type Logger,
  signingSecretShape,
} from "@takings/runtime";
import { createSecretsOfSources } from "./secrets-of-sources.ts";
import {
  loadSigningSecrets,
  type SecretsLocation,
  type SigningSecret,
  type SigningSecrets,
} from "./signing-secrets.ts";

/** The signing secrets of a source in use now; `undefined` where there is no such source. */
export type ServedSources = (source: string) => readonly SigningSecret[] | undefined;

/** The sources as they are loaded. */
export type LoadedSources = {
  readonly served: ServedSources;
  /** Reads all files again, so that a broken one is reported though no request needs it. */
  readFiles(): void;
};

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
export function loadSources(location: SourcesLocation, dependencies: SourcesDependencies): LoadedSources {
  const { text, file } = location.signingSecrets;
  const { sourcesFile } = location;
  const { log, onFile, onServed } = dependencies;
  let secretsOfDefault: SigningSecrets = () => [];
  const others = createSecretsOfSources({
    ...dependencies,
    secretsOfDefault: () => secretsOfDefault(),
    onFile: onFile("STRIPE_SOURCES_FILE"),
  });
  if (sourcesFile !== undefined)
    others.follow(followSources(sourcesFile, log, others.onSourcesFile, others.check));
  const hasDefault = (text ?? file) !== undefined;
  if (!hasDefault && others.size() === 0)
    throw new ConfigError([
      "STRIPE_SOURCES_FILE: contains no source, and there are no STRIPE_WEBHOOK_SECRETS",
    ]);
  if (!hasDefault) return { served: others.secretsOf, readFiles: others.readFiles };
  secretsOfDefault = loadSigningSecrets(location.signingSecrets, {
    ...dependencies,
    onFile: onFile("STRIPE_WEBHOOK_SECRETS_FILE"),
    shape: {
      ...signingSecretShape,
      invalidReason: (word) => signingSecretShape.invalidReason(word) ?? others.ownedReason(word),
    },
  });
  onServed(defaultSource);
  return {
    served: (source) => (source === defaultSource ? secretsOfDefault() : others.secretsOf(source)),
    readFiles() {
      secretsOfDefault();
      others.readFiles();
    },
  };
}
