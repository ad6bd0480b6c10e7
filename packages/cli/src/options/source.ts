import { isSourceName } from "@takings/domain";
import { InvalidArgumentError } from "commander";

/** Parser of an option that names a source. @throws InvalidArgumentError */
export function sourceOption(text: string): string {
  if (isSourceName(text)) return text;
  throw new InvalidArgumentError("It must be a name of 1 to 40 characters of a-z, 0-9 and -.");
}

/** As {@link sourceOption}, where `*` stands for all sources. */
export function sourceOrAllOption(text: string): string {
  return text === "*" ? text : sourceOption(text);
}
