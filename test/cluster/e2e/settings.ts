import type { E2eSettings } from "../src/installation.ts";

/** TAKINGS_IMAGE: name and tag of the image. E2E_NAMESPACE: a namespace that is recreated first and removed at the end. */
export const settings: E2eSettings = {
  image: process.env["TAKINGS_IMAGE"] ?? "takings:dev",
  namespace: process.env["E2E_NAMESPACE"] ?? "takings-e2e",
};

/** The number of events of the test that counts many. */
export const manyEvents = Number(process.env["E2E_EVENTS"] ?? 10_000);

/** Prints a measured value below the name of the running test. */
export function note(text: string): void {
  process.stdout.write(`        ${text}\n`);
}
