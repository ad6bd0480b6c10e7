/** Help text that lists the environment variables of a command: their names and what each is for. */
export function environmentHelp(variables: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(variables).map((name) => name.length));
  const lines = Object.entries(variables).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return ["\nEnvironment:", ...lines].join("\n");
}
