/** What a run of mocha says at its end about its failures; where it does not come to that, the last that it says. */
export function mochaFailures(output: string): string {
  const [, failures] = output.split(/^(?= +\d+ failing$)/m);
  return failures ?? output.split("\n").slice(-20).join("\n");
}
