import { integer } from "@takings/runtime";
import { InvalidArgumentError } from "commander";

/** Makes the parser of an option that is a whole number within bounds. The parser throws InvalidArgumentError. */
export function wholeNumberOption(min: number, max: number): (text: string) => number {
  const schema = integer(min, max);
  return (text) => {
    const { success, data } = schema.safeParse(text);
    if (success) return data;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
