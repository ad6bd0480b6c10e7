import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import { followFile } from "./followed-file.ts";
import type { Logger } from "./logger.ts";
import { parseSources, type Sources, type SourcesCheck } from "./parse-sources.ts";
import type { FileListener } from "./secret-list.ts";

const variable = "STRIPE_SOURCES_FILE";

/**
 * Reads the file of sources once.
 * @throws ConfigError naming source and key of everything that is wrong, and never a secret.
 */
export function readSources(file: string): Sources {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError([
      `${variable}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
  return parseSources(text, () => []);
}

/**
 * Reads the file of sources and follows its changes. When it later cannot be read or understood, or the check finds a
 * reason, the previous sources stay in use.
 * @param onFile called at the start and after each change with whether the file is in use.
 * @throws ConfigError when the file cannot be used at the start.
 */
export function followSources(
  file: string,
  log: Logger,
  onFile: FileListener = () => {},
  check: SourcesCheck = () => [],
): () => Sources {
  const follow = followFile<Sources>({
    variable,
    file,
    parse: (text) => parseSources(text, check),
    onReloaded(sources) {
      log.info({ sources: [...sources.keys()] }, "sources_reloaded");
      onFile(true);
    },
    onRefused(err) {
      log.error({ err }, "sources_not_reloaded");
      onFile(false);
    },
  });
  onFile(true);
  return follow;
}
