import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, renameSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openLink } from "@takings/nats";
import { createRevenueClient, paymentEvent, postWebhook, testSecret } from "@takings/simulator";
import {
  canMakeCertificates,
  nodeCommand,
  requireTls,
  startService,
  type TestAuthority,
  testAuthority,
  type TestNats,
  testNats,
  type TestPostgres,
  testPostgres,
  testVariable,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { untilRecorded } from "./src/until-recorded.ts";

/** How the certificates of an unknown authority are refused. */
const untrusted = /self-signed certificate in certificate chain|unable to verify the first certificate/;

type Ended = { readonly code: number; readonly output: string };

/** Runs a command of `takings` with only this environment. */
function takings(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const program = nodeCommand(["packages/cli/src/main.ts", ...args], env);
  return new Promise((resolve) => {
    execFile(program.command, program.args, program, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

type Encrypted = AsyncDisposable & { readonly url: string; use(authority: TestAuthority): void };

/** The monitoring port of a server, encrypted. */
async function encrypted(monitorUrl: string, authority: TestAuthority): Promise<Encrypted> {
  const contextOf = ({ certFile, keyFile }: TestAuthority): { cert: Buffer; key: Buffer } => ({
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
  });
  const server = createServer(contextOf(authority), (request, response) => {
    const forwarding = fetch(`${monitorUrl}${request.url}`);
    forwarding.then(
      async (page) => response.writeHead(page.status).end(await page.text()),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    use: (other) => server.setSecureContext(contextOf(other)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("servers whose certificates come from an authority of their own", function () {
  this.timeout(120_000);
  if (!canMakeCertificates("encrypted connections to PostgreSQL and NATS")) return;
  let authority: TestAuthority;
  let other: TestAuthority;
  let nats: TestNats;
  let postgres: TestPostgres;
  /** Everything to stop after the tests, also if starting failed halfway. */
  const started = new AsyncDisposableStack();

  before(async () => {
    authority = testAuthority();
    other = testAuthority();
    const tls = `tls { cert_file: "${authority.certFile}", key_file: "${authority.keyFile}" }\n`;
    nats = started.use(await testNats({ rewrite: (config) => config + tls }));
    postgres = started.use(await testPostgres());
    await requireTls(postgres.superuserUrl, authority);
  });
  after(async () => {
    await started.disposeAsync();
  });

  const verify = (url: string, caFile?: string): Promise<Ended> =>
    takings(["verify"], { DATABASE_URL: url, ...(caFile !== undefined && { DATABASE_CA_FILE: caFile }) });

  it("are trusted by commands with the file of that authority", async () => {
    const admin = { NATS_URL: nats.urls.admin, NATS_CA_FILE: authority.caFile };
    expect(await takings(["stream"], admin)).to.include({ code: 0 });
    expect(await verify(postgres.readerUrl, authority.caFile)).to.include({ code: 0 });
    expect(await verify(`${postgres.readerUrl}?sslmode=disable`, authority.caFile)).to.include({ code: 0 });
  });

  it("are not trusted by PostgreSQL's clients without it, or with the file of another authority", async () => {
    for (const ended of [
      await verify(`${postgres.readerUrl}?sslmode=require`),
      await verify(postgres.readerUrl, other.caFile),
    ]) {
      expect(ended.code).to.equal(1);
      expect(ended.output).to.match(untrusted);
    }
    expect((await verify(postgres.readerUrl)).output).to.include("no encryption");
  });

  const natsFailure = async (url: string, caFile: string | undefined): Promise<string> => {
    const link = await openLink({ url, caFile, name: "admin" });
    const reason = await link.connected(1_500).then(() => "connected", String);
    await link.close();
    return reason;
  };

  it("are not trusted by NATS's clients without it, or with the file of another authority", async () => {
    for (const caFile of [undefined, other.caFile])
      expect(await natsFailure(nats.urls.admin, caFile)).to.match(untrusted);
    expect(await natsFailure(nats.urls.admin, authority.caFile)).to.equal("connected");
  });

  it("are not replaced by a NATS server that does not encrypt", async () => {
    await using plain = await testNats();
    expect(await natsFailure(plain.urls.admin, authority.caFile)).to.include(
      ": the server does not support tls",
    );
    expect(await natsFailure(plain.urls.admin, undefined)).to.equal("connected");
  });

  it("are used by the services, from the webhook to the revenue, also after the authority was replaced", async () => {
    // Replaced at once, as Kubernetes does it with mounted Secrets.
    const dir = mkdtempSync(join(testVariable("TEST_DIR"), "mounted-"));
    const caFile = join(dir, "ca.crt");
    const mount = (from: string): void => {
      copyFileSync(from, `${caFile}.new`);
      renameSync(`${caFile}.new`, caFile);
    };
    mount(authority.caFile);
    await using services = new AsyncDisposableStack();
    const monitor = services.use(await encrypted(nats.monitorUrl, authority));
    const files = { NATS_CA_FILE: caFile, DATABASE_CA_FILE: caFile };
    const ingress = services.use(
      await startService("ingress", {
        ...files,
        NATS_URL: nats.urls.ingress,
        NATS_MONITOR_URL: monitor.url,
        STRIPE_WEBHOOK_SECRETS: testSecret,
      }),
    );
    const inDatabase = { ...files, NATS_URL: nats.urls.consumer };
    services.use(await startService("consumer", { ...inDatabase, DATABASE_URL: postgres.writerUrl }));
    const query = services.use(
      await startService("revenue-query", {
        ...files,
        DATABASE_URL: postgres.readerUrl,
        ALLOW_ANONYMOUS: "true",
      }),
    );
    await ingress.ready();
    const reader = createRevenueClient(query.url);
    const sendAndRead = async (id: string): Promise<void> => {
      await ingress.ready();
      const { body } = paymentEvent({ id, created: 1_700_000_000, livemode: true });
      expect((await postWebhook({ url: ingress.url, body })).status).to.equal(200);
      await untilRecorded(reader, new Set([id]), 20_000);
    };
    await sendAndRead("evt_first_authority");

    mount(other.caFile);
    monitor.use(other);
    copyFileSync(other.certFile, authority.certFile);
    copyFileSync(other.keyFile, authority.keyFile);
    await nats.restart();
    await requireTls(postgres.superuserUrl, other);
    await postgres.stop();
    await postgres.start();
    await sendAndRead("evt_second_authority");
  });
});
