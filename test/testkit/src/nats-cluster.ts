import { freePorts } from "@takings/local";
import { type TestNats, testNats } from "./nats.ts";

/** Three servers of one cluster, named server-0 to server-2. */
export type TestNatsCluster = AsyncDisposable & {
  readonly servers: readonly [TestNats, TestNats, TestNats];
};

/**
 * Starts a cluster.
 * @param rewrite changes a server's configuration at each of its starts.
 */
export async function testNatsCluster(
  rewrite: (config: string, name: string) => string = (config) => config,
): Promise<TestNatsCluster> {
  await using stack = new AsyncDisposableStack();
  const ports = await freePorts(3);
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const start = async (index: number): Promise<TestNats> => {
    const name = `server-${index}`;
    const ofCluster = (config: string): string =>
      rewrite(
        `${config.replace('"takings-local"', `"${name}"`)}
cluster { name: "takings", listen: "127.0.0.1:${ports[index]}", routes: [${routes}] }
`,
        name,
      );
    return stack.use(await testNats({ rewrite: ofCluster }));
  };
  const servers = await Promise.all([start(0), start(1), start(2)]);
  const started = stack.move();
  return { servers, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
