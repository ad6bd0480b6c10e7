// Stands in for a service: ready at once, and says which process it is.
import { createServer } from "node:http";

for (const name of ["ADMIN_PORT", "PORT"]) {
  const port = process.env[name];
  if (port === undefined) continue;
  const server = createServer((_request, response) => response.end(String(process.pid)));
  server.listen(Number(port), "127.0.0.1");
}
process.on("SIGTERM", () => process.exit(0));
