import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { podOf, type Rendered } from "./render.ts";
import { mustRun } from "./run-program.ts";

/** A request that the program of `helm test` sent; its made-up account is called `A`. */
export type HelmTestRequest = { readonly line: string; readonly body: string; readonly signature: string };

/**
 * Runs the program of the pod of `helm test` here, against a server that confirms whatever it gets.
 * @param environment beside the URLs and the timeout. @returns its requests. @throws when the program fails.
 */
export async function runHelmTest(
  pod: Rendered,
  environment: Readonly<Record<string, string>>,
): Promise<readonly HelmTestRequest[]> {
  const requests: HelmTestRequest[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const line = `${request.method} ${request.url?.replace(/account=\w+/, "account=A")}`;
      requests.push({ line, body, signature: String(request.headers["stripe-signature"]) });
      const total = { currency: "eur", gross: { minor: "4321" }, counts: { payments: 1 } };
      response.end(JSON.stringify({ totals: [total] }));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { INGRESS_URL: url, REVENUE_URL: url, TIMEOUT_SECONDS: "5", ...environment };
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  try {
    await mustRun("env", [...variables, process.execPath, ...podOf(pod).containers[0].command.slice(1)]);
  } finally {
    server.close();
  }
  return requests;
}
