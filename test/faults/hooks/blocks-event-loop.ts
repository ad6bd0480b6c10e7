// A service that preloads this blocks its event loop on SIGUSR2: for two seconds, three times in a row, with one turn of the
// loop in between.
const blockMs = 2_000;
const blocks = 3;
const never = new Int32Array(new SharedArrayBuffer(4));

function block(left: number): void {
  Atomics.wait(never, 0, 0, blockMs);
  if (left > 1) setImmediate(() => block(left - 1));
}

process.on("SIGUSR2", () => block(blocks));
