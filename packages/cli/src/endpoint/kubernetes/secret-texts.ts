import { TakingsError } from "@takings/domain";
import { z } from "zod";
import type { SecretText } from "./secret-store.ts";

/** The text of `STRIPE_WEBHOOK_SECRETS_FILE`. */
export const secretList: SecretText = {
  read: (text) => text.split(/[\s,]+/).filter((word) => word !== ""),
  write: (_, secrets) => secrets.join(","),
};

/** Fields that are not named here are kept, whatever they are. */
const sourcesFile = z.record(z.string(), z.looseObject({ webhook_secrets: z.array(z.string()).optional() }));

/** The signing secrets of one source in the text of `STRIPE_SOURCES_FILE`, in which the source may be missing. */
export function sourceSecrets(source: string): SecretText {
  const parse = (text: string): z.output<typeof sourcesFile> => {
    const { success, data } = sourcesFile.safeParse(text.trim() === "" ? {} : parsedJson(text));
    if (success) return data;
    // What is wrong is not repeated, because the text is full of secrets.
    throw new TakingsError(
      "invalid",
      "The file of the sources in the Secret is not usable: check it by its documentation",
    );
  };
  return {
    read: (text) => parse(text)[source]?.webhook_secrets ?? [],
    write(text, secrets) {
      const sources = parse(text);
      const changed = { ...sources, [source]: { ...sources[source], webhook_secrets: secrets } };
      return `${JSON.stringify(changed, null, 2)}\n`;
    },
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
