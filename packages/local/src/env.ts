/** Environment variables as one record, so that only main files touch the process's own. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The variable's value, or undefined when it is unset or empty. */
export function variable(env: Env, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}
