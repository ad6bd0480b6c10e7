import { parseArgs } from "node:util";
import { endpointPermissions, fakeEndpointApi } from "./fake-endpoint-api.ts";

// The fake of Stripe's webhook endpoints as a process of its own. It prints its URL as JSON and ends with SIGTERM.

const { values } = parseArgs({
  options: {
    key: { type: "string", default: "rk_test_secret0fake" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    /** Where the URLs of endpoints lead: `https://takings.example=http://127.0.0.1:8080`; may be repeated. */
    route: { type: "string", multiple: true, default: [] },
  },
});

const routes = values.route.map((text) => text.split("=", 2));
const route = (url: string): string => {
  const [from, to] = routes.find(([prefix = ""]) => url.startsWith(prefix)) ?? [];
  return from === undefined || to === undefined ? url : to + url.slice(from.length);
};
const fake = await fakeEndpointApi({
  keys: new Map([[values.key, Object.values(endpointPermissions)]]),
  host: values.host,
  port: Number(values.port),
  delivery: { route },
});
process.stdout.write(`${JSON.stringify({ url: fake.url })}\n`);
