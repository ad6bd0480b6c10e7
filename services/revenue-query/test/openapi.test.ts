import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createRoutes } from "../src/routes/all-routes.ts";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Parameter = { name: string; in: string; description?: string; schema?: object };
type Operation = {
  operationId: string;
  parameters?: Parameter[];
  responses: Record<string, { content?: object }>;
};
type Document = {
  openapi: string;
  paths: Record<string, { get: Operation }>;
  components: { schemas: Record<string, object>; securitySchemes: object };
  security: object[];
};

const installation = { defaultLivemode: true, stripeAccountId: undefined };

describe("the OpenAPI document", () => {
  let service: TestStoreServer;
  let document: Document;

  before(async () => {
    service = await startStoreServer({ installation });
    document = (await service.get("/openapi.json")).body as Document;
    const refund = { objectId: "re_1", kind: "refund", amount: 40n, account: "acct_1" } as const;
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1", paymentIntent: "pi_1" }),
      eventWithEntry({ eventId: "evt_2", ...refund, paymentIntent: "pi_1", at: "2024-05-02T00:00:00Z" }),
      ...["gap1", "gap2"].map((id) => eventWithCharge({ id, at: new Date("2024-05-03T00:00:00Z") })),
      {
        ...eventWithEntry({ eventId: "evt_3" }),
        facts: undefined,
        livemode: null,
        status: "quarantined",
        reason: "odd",
      },
    ]);
  });

  after(() => service.close());

  function operations(): [path: string, operation: Operation][] {
    return Object.entries(document.paths).map(([path, { get }]) => [path, get]);
  }

  it("has version 3.1 and describes every path", () => {
    expect([document.openapi, Object.keys(document.paths)]).to.deep.equal([
      "3.1.0",
      [
        "/v1/revenue",
        "/v1/revenue/series",
        "/v1/revenue/changes",
        "/v1/ledger",
        "/v1/events",
        "/v1/events/{event_id}",
        "/v1/payments/{payment_intent}",
        "/v1/gaps",
        "/v1/balance",
        "/v1/balance/summary",
        "/v1/balance/transactions",
        "/v1/payouts",
        "/v1/payouts/{id}",
        "/v1/search",
      ],
    ]);
  });

  it("describes every parameter in words and by a schema", () => {
    const parameters = operations().flatMap(([, operation]) => operation.parameters ?? []);
    const mute = parameters.filter(
      ({ description, schema }) => description === undefined || schema === undefined,
    );
    expect([mute, parameters.length > 20]).to.deep.equal([[], true]);
  });

  it("describes every response, including problems", () => {
    for (const [path, { responses }] of operations()) {
      const expected = [
        "200",
        "400",
        "401",
        "403",
        ...(path.includes("{") ? ["404"] : []),
        "406",
        "429",
        "500",
        "503",
      ];
      expect(Object.keys(responses), path).to.deep.equal(expected);
      for (const response of Object.values(responses)) expect(response.content).to.be.an("object");
    }
  });

  it("refers only to schemas that it contains", () => {
    const wanted = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    const missing = wanted.filter(([, name = ""]) => !Object.hasOwn(document.components.schemas, name));
    expect([missing, wanted.length > 10]).to.deep.equal([[], true]);
  });

  it("makes the token optional when anonymous access is allowed", () => {
    expect([document.components.securitySchemes, document.security]).to.deep.equal([
      { token: { type: "http", scheme: "bearer", description: "One of the installation's API tokens." } },
      [{}, { token: [] }],
    ]);
  });

  const paths = [
    "/v1/revenue?account=*",
    "/v1/revenue/series?interval=day&account=*&timezone=Asia/Kathmandu",
    "/v1/revenue/changes?since=2024-01-01T00:00:00Z&account=*&limit=1",
    "/v1/ledger?account=*&limit=1",
    "/v1/events?limit=1",
    "/v1/events/evt_3",
    "/v1/payments/pi_1",
    "/v1/gaps?account=*&limit=1",
  ];
  for (const [index, path] of paths.entries()) {
    it(`has a schema with exactly the fields of the response to ${path}`, async () => {
      const route = Object.values(
        createRoutes({ reader: service.reader, balance: service.balance, installation }),
      )[index];
      const { status, body } = await service.get(path);
      expect(status).to.equal(200);
      // Parsing drops fields that the schema does not have.
      expect(route?.responseSchema.parse(body)).to.deep.equal(body);
    });
  }
});
