import { applyEndpoint, beginRotation, finishRotation } from "@takings/endpoint";
import { expect } from "chai";
import { describe, it } from "mocha";
import { endpointContext, wanted } from "./test-context.ts";

describe("Rotating the secret of an endpoint", () => {
  it("adds an endpoint of the same version with a secret of its own, once", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    await applyEndpoint(wanted, dependencies);
    expect((await beginRotation(wanted, dependencies)).done).to.equal("begun");
    expect((await beginRotation(wanted, dependencies)).done).to.equal("nothing");
    const [old, fresh, third] = fake.book.endpoints;
    expect(third).to.equal(undefined);
    expect(fresh).to.deep.include({
      url: old?.url,
      types: old?.types,
      apiVersion: old?.apiVersion,
      status: "enabled",
    });
    expect(store.secrets).to.deep.equal([old?.secret, fresh?.secret]);
    const plan = await applyEndpoint(wanted, dependencies);
    expect(plan.changes).to.be.empty;
    expect(fake.book.endpoints).to.have.lengthOf(2);
  });

  it("removes the old one and its secret when it is finished, once", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    await applyEndpoint(wanted, dependencies);
    await beginRotation(wanted, dependencies);
    const [, fresh] = fake.book.endpoints;
    expect((await finishRotation(wanted, dependencies)).done).to.equal("finished");
    expect(fake.book.endpoints).to.deep.equal([fresh]);
    expect(store.secrets).to.deep.equal([fresh?.secret]);
    expect((await finishRotation(wanted, dependencies)).done).to.equal("nothing");
    expect(fake.book.endpoints).to.deep.equal([fresh]);
  });

  it("takes the new secret out of the store again where the endpoint was deleted meanwhile", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    await applyEndpoint(wanted, dependencies);
    const before = store.secrets;
    const update: typeof store.update = async (change) => {
      await store.update(change);
      const [, fresh] = fake.book.endpoints;
      fake.book.remove(false, fresh?.id ?? "");
    };
    const rotating = { ...dependencies, secrets: { ...store, read: store.read, update } };
    expect(await beginRotation(wanted, rotating).catch(String)).to.contain("404");
    expect(store.secrets).to.deep.equal(before);
  });

  it("is refused without an endpoint of ours, and while one has to be replaced", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    for (const rotate of [beginRotation, finishRotation])
      expect(await rotate(wanted, dependencies).catch(String)).to.contain("takings endpoint apply");
    expect(fake.book.endpoints).to.be.empty;
    await applyEndpoint(wanted, dependencies);
    store.secrets = [];
    expect(await beginRotation(wanted, dependencies).catch(String)).to.contain("takings endpoint apply");
  });
});
