import { BlockList, isIP, isIPv6 } from "node:net";

/** A set of IP addresses. */
export type AddressList = {
  /** Whether the address is in the list; `false` for what is no address, such as that of a closed socket. */
  has(address: string | undefined): boolean;
};

/**
 * Creates a list from addresses and ranges in CIDR notation.
 * @throws Error naming the first entry that is neither.
 */
export function createAddressList(entries: readonly string[]): AddressList {
  const list = new BlockList();
  for (const entry of entries) {
    const [text = "", bits, ...rest] = entry.split("/");
    const address = plainAddress(text);
    const family = familyOf(address);
    const length =
      bits === undefined || /^\d{1,3}$/.test(bits) ? Number(bits ?? maxBits(address)) : Number.NaN;
    // An address with a zone names an interface of this machine, and no client.
    if (isIP(text) === 0 || text.includes("%") || rest.length > 0 || !(length <= maxBits(address)))
      throw new Error(`"${entry}" is not an IP address or a range such as 192.0.2.0/24`);
    list.addSubnet(address, length, family);
  }
  return {
    has(address) {
      const plain = plainAddress(address ?? "");
      return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
    },
  };
}

/**
 * The address without what varies for the same client: the port that some proxies append, the zone of a link-local
 * address, and the prefix with which a socket for both families reports an IPv4 address.
 */
export function plainAddress(text: string): string {
  const [, inBrackets] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? [];
  const [, beforePort] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text) ?? [];
  const address = inBrackets ?? beforePort ?? text;
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/^(fe80:.*)%.*$/i, "$1");
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");
const maxBits = (address: string): number => (isIPv6(address) ? 128 : 32);
