import { type AddressList, createAddressList } from "./address-list.ts";
import { z } from "zod";

/** Names for ranges, the same as those of Express: https://expressjs.com/en/guide/behind-proxies.html */
const ranges: ReadonlyMap<string, readonly string[]> = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
  ["none", []],
]);

/** What is trusted unless set otherwise. No client in the internet has such an address. */
export const privateAddresses: AddressList = createAddressList([
  ...["loopback", "linklocal", "uniquelocal"].flatMap((name) => ranges.get(name) ?? []),
  // Some clusters use these for pods and nodes (RFC 6598).
  "100.64.0.0/10",
]);

/** Addresses, ranges and their names from text, comma separated. */
export function addresses(): z.ZodType<AddressList, string> {
  return z.string().transform((text, context) => {
    const entries = text.split(",").map((entry) => entry.trim());
    try {
      return createAddressList(entries.flatMap((entry) => ranges.get(entry) ?? [entry]));
    } catch (error) {
      const names = [...ranges.keys()].join(", ");
      const message = `${error instanceof Error ? error.message : String(error)}, nor one of ${names}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
  });
}
