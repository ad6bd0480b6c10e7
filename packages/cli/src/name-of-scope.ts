import { defaultSource, type LedgerScope } from "@takings/domain";

/** The name of a scope for people. */
export function nameOfScope({ source, account, livemode }: LedgerScope): string {
  const name = `${account ?? "platform"} (${livemode ? "live" : "test"})`;
  return source === defaultSource ? name : `${source} ${name}`;
}
