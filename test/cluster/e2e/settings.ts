import type { E2eSettings } from "../src/cluster/installation.ts";

/** TAKINGS_IMAGE: name and tag of the image. E2E_NAMESPACE: made anew, and removed in the end. */
export const settings: E2eSettings = {
  image: process.env["TAKINGS_IMAGE"] ?? "takings:dev",
  namespace: process.env["E2E_NAMESPACE"] ?? "takings-e2e",
};

/** How many events the great count is made of. */
export const manyEvents = Number(process.env["E2E_EVENTS"] ?? 10_000);

/** Figures that are worth keeping, beside the names of the tests. */
export function note(text: string): void {
  process.stdout.write(`        ${text}\n`);
}
