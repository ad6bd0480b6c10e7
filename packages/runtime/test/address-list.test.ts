import { expect } from "chai";
import { describe, it } from "mocha";
import { createAddressList } from "../src/address-list.ts";
import { createClientOf } from "../src/client-address.ts";

describe("a list of addresses", () => {
  const list = createAddressList(["3.18.12.63", "192.0.2.0/24", "2001:db8::/32"]);

  for (const address of [
    "3.18.12.63",
    "192.0.2.255",
    "2001:db8::1",
    "::ffff:3.18.12.63",
    "3.18.12.63:50123",
    "[2001:db8::1]:50123",
  ]) {
    it(`has ${address}`, () => {
      expect(list.has(address)).to.equal(true);
    });
  }
  for (const address of [
    "3.18.12.64",
    "192.0.3.0",
    "2001:db9::1",
    "",
    "unknown",
    "3.18.12.63, 1.1.1.1",
    undefined,
  ]) {
    it(`does not have ${address === undefined ? "the address of a closed socket" : `"${address}"`}`, () => {
      expect(list.has(address)).to.equal(false);
    });
  }

  for (const entry of [
    "",
    "3.18.12",
    "3.18.12.63/33",
    "3.18.12.63/",
    "3.18.12.63/8/8",
    "::1/129",
    "host",
    "fe80::1%eth0",
  ]) {
    it(`refuses the entry "${entry}"`, () => {
      expect(() => createAddressList(["192.0.2.1", entry])).to.throw(
        `"${entry}" is not an IP address or a range`,
      );
    });
  }
});

describe("the client of an address", () => {
  const clientOf = createClientOf(createAddressList(["10.0.0.0/8", "::1"]));

  it("is unknown for a proxy", () => {
    expect([clientOf("10.1.2.3"), clientOf("::ffff:10.1.2.3"), clientOf("::1")]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is the address itself for IPv4, however a socket reports it", () => {
    expect(clientOf("::ffff:192.0.2.7")).to.equal("192.0.2.7");
    expect(clientOf("192.0.2.8")).to.equal("192.0.2.8");
  });

  it("is the network of 64 bits for IPv6", () => {
    expect(clientOf("2001:db8:0:1::1")).to.equal(clientOf("2001:DB8::1:ffff:2:3:4"));
    expect(clientOf("2001:db8:0:1::1")).not.to.equal(clientOf("2001:db8:0:2::1"));
    expect(clientOf("::2")).to.equal("0:0:0:0");
  });
});
