import { isSourceName } from "@takings/domain";
import { InvalidArgumentError } from "commander";

const aName = "a name of 1 to 40 characters of a-z, 0-9 and -";

/** Parser of an option that is the name of a source. @throws InvalidArgumentError */
export function sourceOption(text: string): string {
  if (isSourceName(text)) return text;
  throw new InvalidArgumentError(`It must be ${aName}.`);
}

/** As {@link sourceOption}, or `*` for all sources. @throws InvalidArgumentError */
export function sourcesOption(text: string): string {
  if (text === "*" || isSourceName(text)) return text;
  throw new InvalidArgumentError(`It must be ${aName}, or *.`);
}
