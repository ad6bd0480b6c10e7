import { applyTopology, type LiveConnection, openLink } from "@takings/nats";
import { eventually, type TestNats, type TestNatsOptions, testNats } from "@takings/testkit";
import { stream } from "@takings/wire";

type StoredMessage = {
  readonly subject: string;
  readonly body: Buffer;
  readonly headers: ReadonlyMap<string, string>;
};

/** A nats-server for one test, with admin permissions. */
export type TestContext = AsyncDisposable & {
  readonly nats: TestNats;
  readonly admin: LiveConnection["nats"];
  createStream(): Promise<void>;
  /** Recreates the stream with other settings. */
  recreateStreamWith(different: Record<string, unknown>): Promise<void>;
  /** Changes the existing stream. */
  changeStream(different: Record<string, unknown>): Promise<void>;
  deleteStream(): Promise<void>;
  /** All messages of the stream, in order. */
  stored(): Promise<StoredMessage[]>;
  close(): Promise<void>;
};

/** Right after a stream was deleted the server may still be deleting its files, and then it creates no other. */
async function onceCleared(make: () => Promise<unknown>): Promise<void> {
  await eventually("the stream to be made", () => make());
}

export async function createTestContext(
  options: TestNatsOptions & { readonly bare?: boolean } = {},
): Promise<TestContext> {
  const nats = await testNats(options);
  const link = await openLink({ url: nats.urls.admin, name: "test" });
  const { nats: admin } = await link.connected(5_000);
  const manager = await admin.jetstreamManager();
  const createStream = async (): Promise<void> => {
    // A test may have stopped the server meanwhile.
    await link.connected(10_000);
    await onceCleared(() => applyTopology(admin, { replicas: 1, maxBytes: 50_000_000 }).then(() => true));
  };
  const deleteStream = async (): Promise<void> => void (await manager.streams.delete(stream.name));
  const close = async (): Promise<void> => {
    await link.close().catch(() => {});
    await nats.close();
  };
  if (options.bare !== true) await createStream();
  return {
    nats,
    admin,
    createStream,
    async recreateStreamWith(different) {
      const { config } = await manager.streams.info(stream.name);
      await deleteStream();
      await onceCleared(() => manager.streams.add({ ...config, ...different }));
    },
    async changeStream(different) {
      const { config } = await manager.streams.info(stream.name);
      await manager.streams.update(stream.name, { ...config, ...different });
    },
    deleteStream,
    async stored() {
      const { state } = await manager.streams.info(stream.name);
      const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
      const messages = await Promise.all(
        sequences.map((seq) => manager.streams.getMessage(stream.name, { seq })),
      );
      return messages.map(({ subject, data, header }) => ({
        subject,
        body: Buffer.from(data),
        headers: new Map(header.keys().map((name) => [name, header.get(name)])),
      }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
