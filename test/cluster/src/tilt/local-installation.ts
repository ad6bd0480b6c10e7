import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, type RunFile, startStack, temporaryDirectory } from "@takings/local";

/** The signing secrets of ingress and of the fake stripe. As long as real ones: ingress takes no shorter one later. */
export const secrets = {
  ingress: `whsec_${"1".repeat(64)}`,
  stripeListen: `whsec_${"2".repeat(64)}`,
} as const;

/** An installation on this machine that commands for a cluster take for one in a cluster. */
export type LocalInstallation = {
  readonly dir: string;
  readonly components: RunFile;
  /** The environment of such commands: kubectl and stripe are fakes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The arguments of all calls of kubectl so far. */
  kubectlLog(): string;
  /** Writes a file for the fake stripe. */
  write(name: string, text: string): void;
  /** Reads a file that a fake wrote; undefined when there is none. */
  read(name: string): string | undefined;
  stop(): Promise<void>;
};

/** Starts the servers and services, and puts the fakes of kubectl and stripe first on the PATH. */
export async function startLocalInstallation(): Promise<LocalInstallation> {
  const root = temporaryDirectory("takings-tilt-");
  const [dir, cluster, bin] = [join(root, "data"), join(root, "cluster"), join(root, "bin")];
  for (const folder of [cluster, bin]) mkdirSync(folder);
  const secretsFile = join(cluster, "mounted");
  writeFileSync(secretsFile, secrets.ingress);
  writeSecret("takings-stripe", "STRIPE_WEBHOOK_SECRETS", secrets.ingress);
  writeSecret("takings-api", "API_TOKENS", "token_of_tilt");
  for (const program of ["kubectl", "stripe"]) {
    const script = join(import.meta.dirname, `fake-${program}.mjs`);
    writeFileSync(join(bin, program), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
    chmodSync(join(bin, program), 0o755);
  }
  const settings = { STRIPE_WEBHOOK_SECRETS_FILE: secretsFile, API_TOKENS: "token_of_tilt" };
  const ports = { INGRESS_PORT: "0", REVENUE_PORT: "0" };
  const stack = startStack({ dir, env: { ...process.env, ...settings, ...ports }, say: () => undefined });
  return {
    dir,
    components: await stack.started,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"]}`,
      // pnpm takings completes its options from a stack of this folder; there is none, as where Tilt runs.
      TAKINGS_DIR: join(root, "none"),
      FAKE_CLUSTER: cluster,
      FAKE_TAKINGS_DIR: dir,
      FAKE_STRIPE_SECRET: secrets.stripeListen,
      STRIPE_WEBHOOK_SECRETS_FILE: secretsFile,
    },
    kubectlLog: () => readFileSync(join(cluster, "kubectl.log"), "utf8"),
    write: (name, text) => writeFileSync(join(cluster, name), text),
    read: (name) => readFileOrUndefined(join(cluster, name)),
    async stop() {
      await stack.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };

  function writeSecret(name: string, key: string, value: string): void {
    const data = { [key]: Buffer.from(value).toString("base64") };
    const metadata = { name, namespace: "takings", resourceVersion: "1" };
    writeFileSync(
      join(cluster, `${name}.json`),
      JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, data }),
    );
  }
}

/** Runs a command of the Tiltfile as Tilt does, in the folder of the project. */
export async function runCommand(
  argv: readonly string[],
  env: LocalInstallation["env"],
): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(argv[0] ?? "", argv.slice(1), {
    cwd: projectRoot(),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const [code] = await once(child, "close");
  return { code, output };
}

function readFileOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
