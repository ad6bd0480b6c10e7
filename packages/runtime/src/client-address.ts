import { isIPv6, SocketAddress } from "node:net";
import { type AddressList, plainAddress } from "./address-list.ts";

/** The part of a limit that all clients share which one client may use. */
export const clientShare = 0.25;

/** The client that uses an address; `undefined` when many clients share it, so that no limit of one client applies. */
export type ClientOf = (address: string) => string | undefined;

/**
 * Identifies clients by their address, except for those of trusted proxies, which many clients share. A client of IPv6 has
 * at least a network of 64 bits for itself (RFC 6177), so its addresses there count as one.
 */
export function createClientOf(proxies: AddressList): ClientOf {
  return (address) => {
    if (proxies.has(address)) return undefined;
    const plain = plainAddress(address);
    return isIPv6(plain) ? networkOf(plain) : plain;
  };
}

/** The first 64 bits of an IPv6 address. */
function networkOf(text: string): string {
  const { address } = new SocketAddress({ address: text, family: "ipv6" });
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
