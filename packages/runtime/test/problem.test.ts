import express from "express";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type HttpServer, listen } from "../src/http-server.ts";
import { sendProblem } from "../src/problem.ts";

const limits = { headersTimeoutMs: 400, requestTimeoutMs: 400, maxConnections: 100, drainTimeoutMs: 0 };

async function serving(handler: express.RequestHandler): Promise<HttpServer> {
  return listen(express().use(handler), { port: 0, limits });
}

describe("a problem document", () => {
  it("has type, title and status, and the members of this occurrence", async () => {
    const server = await serving((_, response) =>
      sendProblem(response, { status: 400, detail: "no good", parameters: ["from"] }),
    );
    const response = await fetch(`http://127.0.0.1:${server.port}`);
    expect(response.status).to.equal(400);
    expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
    expect(await response.json()).to.deep.equal({
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      detail: "no good",
      parameters: ["from"],
    });
    await server.close();
  });

  it("cuts off a response that has already started instead of mixing into it", async () => {
    const server = await serving((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("half");
      sendProblem(response, { status: 500 });
    });
    const outcome = await fetch(`http://127.0.0.1:${server.port}`)
      .then((response) => response.text())
      .catch(() => "broken off");
    expect(outcome).to.equal("broken off");
    await server.close();
  });
});
