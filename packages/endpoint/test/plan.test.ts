import { conditionNames, type FoundEndpoint, planEndpoint, wantedEndpoint } from "@takings/endpoint";
import { expect } from "chai";
import { describe, it } from "mocha";
import { found, marks, secret, wanted } from "./test-context.ts";

const otherVersion = "2024-06-20";

/** What is to be done, as words: `remove we_1`. */
function planned(endpoints: readonly FoundEndpoint[], adopt = false): readonly string[] {
  return planEndpoint(wanted, endpoints, [secret], { adopt }).changes.map((change) =>
    change.kind === "create" ? "create" : `${change.kind} ${change.endpoint.id}`,
  );
}

/** The conditions that do not hold. */
function failing(endpoints: readonly FoundEndpoint[]): readonly string[] {
  return planEndpoint(wanted, endpoints, [secret])
    .conditions.filter(({ holds }) => !holds)
    .map(({ name }) => name);
}

describe("The plan for an endpoint", () => {
  it("creates one where there is none of ours", () => {
    const others = [
      found({ id: "we_other", url: "https://other.example/hook", metadata: {} }),
      found({
        id: "we_shop",
        url: "https://takings.example/webhooks/stripe/shop",
        metadata: marks({ takings_source: "shop" }),
      }),
      found({ id: "we_connect", metadata: marks({ takings_connect: "true" }) }),
    ];
    expect(planned(others)).to.deep.equal(["create"]);
    expect(failing(others)).to.deep.equal(conditionNames);
  });

  it("has nothing to do where everything is as wanted, in whatever order the types are", () => {
    expect(planned([found({ types: wanted.types.toReversed() })])).to.be.empty;
    expect(failing([found()])).to.be.empty;
  });

  it("changes the URL, and the types to exactly the wanted ones", () => {
    const types = [...wanted.types.slice(1), "customer.created"];
    const { changes } = planEndpoint(wanted, [found({ url: "https://old.example/", types })], [secret]);
    expect(changes).to.have.lengthOf(1);
    expect(changes[0]).to.deep.include({
      kind: "update",
      differences: [
        { field: "url", found: "https://old.example/", wanted: wanted.url },
        { field: "types", missing: [wanted.types[0]], extra: ["customer.created"] },
      ],
    });
    expect(failing([found({ types })])).to.deep.equal(["Ready", "TypesComplete"]);
    expect(failing([found({ url: "https://old.example/" })])).to.deep.equal(["Ready"]);
  });

  it("narrows an endpoint of all types, which lacks none", () => {
    expect(planned([found({ types: ["*"] })])).to.deep.equal(["update we_1"]);
    expect(failing([found({ types: ["*"] })])).to.be.empty;
  });

  it("enables a disabled endpoint, and says how the gap is closed", () => {
    const { changes } = planEndpoint(wanted, [found({ enabled: false })], [secret]);
    expect(changes[0]?.reason).to.contain("takings reconcile");
    expect(planned([found({ enabled: false })])).to.deep.equal(["update we_1"]);
    expect(failing([found({ enabled: false })])).to.deep.equal(["Ready", "Enabled"]);
  });

  it("creates the successor of one whose secret is not stored before it deletes it", () => {
    for (const metadata of [marks({ takings_secret: undefined }), marks({ takings_secret: "00000000" })]) {
      expect(planned([found({ metadata })])).to.deep.equal(["create", "remove we_1"]);
      expect(failing([found({ metadata })])).to.deep.equal(["Ready", "SecretLive"]);
    }
  });

  it("disables one of another API version before it creates its successor", () => {
    for (const apiVersion of [otherVersion, null]) {
      expect(planned([found({ apiVersion })])).to.deep.equal(["disable we_1", "create", "remove we_1"]);
      expect(failing([found({ apiVersion })])).to.deep.equal(["Ready", "VersionPinned"]);
    }
    const { changes } = planEndpoint(wanted, [found({ apiVersion: otherVersion })], [secret]);
    expect(changes[0]?.reason).to.contain("takings reconcile");
  });

  it("deletes one of another API version before it enables its successor", () => {
    const endpoints = [
      found({ id: "we_old", apiVersion: otherVersion }),
      found({ created: 2, enabled: false }),
    ];
    expect(planned(endpoints)).to.deep.equal(["remove we_old", "update we_1"]);
  });

  it("keeps two endpoints with stored secrets, which are a rotation", () => {
    const endpoints = [found(), found({ id: "we_2" })];
    expect(planned(endpoints)).to.be.empty;
    expect(planEndpoint(wanted, endpoints, [secret]).kept).to.have.lengthOf(2);
  });

  it("deletes what an interrupted run left beside a good endpoint", () => {
    const unstored = found({ id: "we_2", metadata: marks({ takings_secret: undefined }) });
    const retiring = found({ id: "we_3", enabled: false, metadata: marks({ takings_retiring: "true" }) });
    expect(planned([found(), unstored, retiring])).to.deep.equal(["remove we_2", "remove we_3"]);
  });

  it("makes room first where the limit is reached", () => {
    const others = Array.from({ length: 15 }, (_, n) =>
      found({ id: `we_other_${n}`, url: `https://other.example/${n}`, metadata: {} }),
    );
    const unstored = found({ metadata: marks({ takings_secret: undefined }) });
    expect(planned([...others, unstored])).to.deep.equal(["remove we_1", "create"]);
  });

  it("names a foreign endpoint with our URL, and replaces it only when asked to", () => {
    const foreign = found({ id: "we_hand", metadata: {} });
    expect(planned([foreign, found()])).to.deep.equal(["foreign we_hand"]);
    expect(planned([foreign, found()], true)).to.deep.equal(["adopt we_hand", "remove we_hand"]);
    expect(planned([foreign])).to.deep.equal(["foreign we_hand"]);
    expect(planned([foreign], true)).to.deep.equal(["adopt we_hand", "create", "remove we_hand"]);
  });

  it("keeps the endpoint for connected accounts apart, on the same URL", () => {
    const connect = wantedEndpoint({ ...wanted, connect: true });
    const own = found();
    expect(planEndpoint(connect, [own], [secret]).changes.map(({ kind }) => kind)).to.deep.equal(["create"]);
    const both = [own, found({ id: "we_2", metadata: marks({ takings_connect: "true" }) })];
    expect(planEndpoint(connect, both, [secret]).changes).to.be.empty;
    expect(planEndpoint(wanted, both, [secret]).changes).to.be.empty;
  });
});
