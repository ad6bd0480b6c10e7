// The image's one program: `ingress`, `consumer` and `revenue-query` are services, everything else is a command of
// `takings`. What this package depends on is what the image holds.

const services = new Map<string | undefined, () => Promise<unknown>>([
  ["ingress", () => import("@takings/ingress")],
  ["consumer", () => import("@takings/consumer")],
  ["revenue-query", () => import("@takings/revenue-query")],
]);

const service = services.get(process.argv[2]);
if (service === undefined) {
  await import("@takings/cli");
} else {
  // First, because what is loaded before it is not instrumented.
  await import("@takings/telemetry/register");
  await service();
}
