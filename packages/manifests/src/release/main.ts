import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { releaseNotes, type StatedVersions } from "./release-notes.ts";

// node packages/manifests/src/release/main.ts v1.2.3: prints the notes of that release, or says why it cannot be made.

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const chart = z.object({ version: z.string(), appVersion: z.string() });

/** A chart and the image that it installs have one version. */
const charts = ["charts/takings/Chart.yaml", "charts/takings-stack/Chart.yaml"].map(
  (path): StatedVersions => {
    const { version, appVersion } = chart.parse(parse(read(path)));
    return { path, versions: [version, appVersion] };
  },
);
const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));
const stated = [{ path: "package.json", versions: [version] }, ...charts];

try {
  process.stdout.write(`${releaseNotes(process.argv[2] ?? "", read("CHANGELOG.md"), stated)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
