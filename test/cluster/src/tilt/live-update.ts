import type { Manifest } from "../render.ts";
import { TiltfileError } from "./run-tiltfile.ts";

/**
 * Checks the live update of an image (liveUpdateFromSteps in internal/tiltfile/live_update.go of tilt-dev/tilt).
 * @returns files of steps that are not part of the image, so that Tilt never sees their changes
 * @throws TiltfileError when the steps are in the wrong order
 */
export function checkLiveUpdate({ ref, only, live_update: steps }: Manifest): readonly string[] {
  const order: readonly string[] = steps.map((step: Manifest) => step.step);
  if (order.includes("sync") && order.lastIndexOf("fall_back_on") > order.indexOf("sync"))
    throw new TiltfileError("live_update: fall_back_on steps must appear at the start of the list");
  const watched: readonly string[] = only;
  const isWatched = (path: string): boolean =>
    watched.length === 0 || watched.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const paths: readonly string[] = steps.flatMap((step: Manifest) => step.paths ?? [step.local_path]);
  return paths.filter((path) => !isWatched(path)).map((path) => `${path} is not part of the image ${ref}`);
}
