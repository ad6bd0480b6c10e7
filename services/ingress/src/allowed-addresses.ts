import { type AddressList, ConfigError, createAddressList, followFile, type Logger } from "@takings/runtime";
import { z } from "zod";

/** What {@link loadAllowedAddresses} depends on. */
export type AllowedAddressesDependencies = {
  readonly log: Logger;
  /** Called at the start and after each change of the file with whether it is used, or the previous list. */
  readonly onFile: (isUsable: boolean) => void;
};

const variable = "ALLOWED_ADDRESSES_FILE";

/** The shape of https://stripe.com/files/ips/ips_webhooks.json (https://docs.stripe.com/ips). */
const published = z.object({ WEBHOOKS: z.array(z.string()) });

type Loaded = { readonly list: AddressList; readonly entries: number };

/**
 * Loads the addresses that may send webhooks, and reloads their file whenever it changes: one address or range per line,
 * with comments after `#`, or the JSON that Stripe publishes. When the file later is unreadable, empty or has any other
 * content, the previous list stays in use.
 * @throws ConfigError when the file cannot be used at the start.
 */
export function loadAllowedAddresses(
  file: string,
  { log, onFile }: AllowedAddressesDependencies,
): () => AddressList {
  const follow = followFile<Loaded>({
    variable,
    file,
    parse: parseAddresses,
    onReloaded({ entries }) {
      log.info({ addresses: entries }, "addresses_reloaded");
      onFile(true);
    },
    onRefused(err) {
      log.error({ err }, "addresses_not_reloaded");
      onFile(false);
    },
  });
  onFile(true);
  return () => follow().list;
}

function parseAddresses(text: string): Loaded {
  const entries = text.trimStart().startsWith("{") ? entriesOfJson(text) : entriesOfLines(text);
  if (entries.length === 0) throw new ConfigError([`${variable}: contains no address`]);
  try {
    return { list: createAddressList(entries), entries: entries.length };
  } catch (error) {
    throw new ConfigError([`${variable}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function entriesOfLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  return lines.filter((line) => line !== "");
}

function entriesOfJson(text: string): string[] {
  try {
    return published.parse(JSON.parse(text)).WEBHOOKS;
  } catch {
    throw new ConfigError([`${variable}: is JSON, but not {"WEBHOOKS": ["192.0.2.1", …]}`]);
  }
}
