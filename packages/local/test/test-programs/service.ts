// A fake service: ready at once; responds with its pid and the address that it listens on.
import { createServer } from "node:http";

for (const name of ["ADMIN_PORT", "PORT"]) {
  const port = process.env[name];
  if (port === undefined) continue;
  const text = `process ${process.pid} listens on ${process.env["HOST"]}`;
  const server = createServer((_request, response) => response.end(text));
  server.listen(Number(port), process.env["HOST"]);
}
process.on("SIGTERM", () => process.exit(0));
