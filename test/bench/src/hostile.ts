import { type ChildProcess, fork } from "node:child_process";
import { processorSeconds, residentMegabytes } from "./process-use.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { benchSecret, service, startTemporaryStack } from "./temporary-stack.ts";

export type HostileBenchOptions = {
  readonly rounds: number;
  /** Duration of each measurement. */
  readonly seconds: number;
  /** Webhooks per second. */
  readonly rate: number;
  /** Clients that connect and send nothing. */
  readonly idle: number;
  /** Clients that send requests byte by byte, or a part of a body. */
  readonly slow: number;
  readonly say: (line: string) => void;
};

/** Attackers connect within this time. */
const connectMs = 60_000;
/** A visit ends within this time after its last request. */
const answerMs = 60_000;

/** Milliseconds of each webhook that got 200, and what the others got. */
export type VisitResult = { readonly latencies: readonly number[]; readonly refused: readonly string[] };

/** Measures ingress in turns: alone, and with clients that try to stop it. */
export async function benchHostile(options: HostileBenchOptions): Promise<readonly Measurement[]> {
  const { rounds, idle, slow, say } = options;
  await using stack = await startTemporaryStack([service("ingress")]);
  const { url, pid } = stack.component("ingress");
  say("warming up");
  await visit(url, options);
  const calm: VisitResult[] = [];
  const hostile: VisitResult[] = [];
  const used: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    calm.push(await visit(url, options));
    await using attackers = start("hostile-attackers.ts", [new URL(url).port, idle, slow]);
    await messageOf(attackers.child, connectMs);
    const before = processorSeconds(pid);
    const began = performance.now();
    hostile.push(await visit(url, options));
    used.push(((processorSeconds(pid) - before) * 1_000) / (performance.now() - began));
    say(`round ${round} of ${rounds}: ${describe(hostile.at(-1))}`);
  }
  return [
    ...report(calm, hostile),
    { name: "hostile_cpu_ingress", value: median(used), unit: "cores" },
    { name: "hostile_rss_ingress", value: residentMegabytes(pid), unit: "MB" },
  ];
}

async function visit(url: string, { rate, seconds }: HostileBenchOptions): Promise<VisitResult> {
  await using sender = start("hostile-sender.ts", [url, benchSecret, rate, seconds]);
  return (await messageOf(sender.child, seconds * 1_000 + answerMs)) as VisitResult;
}

/** The first message of a process. @throws Error when it ends without one, or none comes in time. */
async function messageOf(child: ChildProcess, withinMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const [, program] = child.spawnargs;
  const late = setTimeout(() => reject(new Error(`${program} sent no result in ${withinMs} ms`)), withinMs);
  child.once("message", resolve).once("error", reject);
  child.once("exit", () => reject(new Error(`${program} ended without a result`)));
  return promise.finally(() => clearTimeout(late));
}

/** Starts a program, which has ended when this is disposed. */
function start(
  file: string,
  args: readonly (string | number)[],
): AsyncDisposable & { readonly child: ChildProcess } {
  const child = fork(new URL(file, import.meta.url), args.map(String));
  const ended = new Promise<void>((resolve) =>
    child.once("exit", () => resolve()).once("error", () => resolve()),
  );
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function describe({ latencies, refused }: VisitResult = { latencies: [], refused: [] }): string {
  const reasons = [...new Set(refused)].join(", ");
  return `${latencies.length} answered 200${refused.length > 0 ? `, ${refused.length} not: ${reasons}` : ""}`;
}

function report(calm: readonly VisitResult[], hostile: readonly VisitResult[]): Measurement[] {
  const of = (results: readonly VisitResult[], part: number): number[] =>
    results.map(({ latencies }) => (latencies.length === 0 ? Number.NaN : quantile(latencies, part)));
  const ratio = (part: number): number => {
    const before = of(calm, part);
    return median(of(hostile, part).map((value, n) => value / (before[n] ?? Number.NaN)));
  };
  const accepted = (results: readonly VisitResult[]): number => {
    const all = results.flatMap(({ latencies, refused }) => [latencies.length, refused.length]);
    const sum = all.reduce((total, one) => total + one, 0);
    return results.reduce((total, { latencies }) => total + latencies.length, 0) / sum;
  };
  return [
    { name: "calm_accepted", value: accepted(calm), unit: "ratio" },
    { name: "calm_p50_ms", value: median(of(calm, 0.5)), unit: "ms" },
    { name: "calm_p99_ms", value: median(of(calm, 0.99)), unit: "ms" },
    { name: "hostile_accepted", value: accepted(hostile), unit: "ratio" },
    { name: "hostile_p50_ms", value: median(of(hostile, 0.5)), unit: "ms" },
    { name: "hostile_p99_ms", value: median(of(hostile, 0.99)), unit: "ms" },
    { name: "hostile_vs_calm_p50", value: ratio(0.5), unit: "ratio" },
    { name: "hostile_vs_calm_p99", value: ratio(0.99), unit: "ratio" },
  ];
}
