import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { productionPath, productionResources } from "../src/production.ts";
import { mustRun, runProgram } from "../src/run-program.ts";

/** Keeps Secrets as folders and the arguments of each call in a file. */
const fakeKubectl = `#!/bin/sh
set -eu
cluster=$(dirname "$0")/cluster
echo "$*" >>"$cluster/calls"
[ "$1" = --namespace ] && namespace=$2 && shift 2
case "$1 $2" in
  "get secret")
    folder=$cluster/secrets/$namespace/$3
    [ -d "$folder" ] || exit 1
    [ $# -eq 3 ] && exit 0
    key=$(echo "$5" | sed 's/.*[.]data[.]\\(.*\\)}/\\1/')
    base64 <"$folder/$key" | tr -d '\\n' ;;
  "create secret")
    mkdir -p "$cluster/secrets/$namespace" "$cluster/types/$namespace"
    cp -r "$8" "$cluster/secrets/$namespace/$4"
    echo "$6" >"$cluster/types/$namespace/$4" ;;
  "label secret") ;;
  *) echo "unexpected: $*" >&2; exit 1 ;;
esac
`;

const given = {
  STRIPE_WEBHOOK_SECRETS: "whsec_given",
  STRIPE_API_KEY: "rk_live_given",
  ACCESS_KEY_ID: "access-given",
  SECRET_ACCESS_KEY: "secret-given",
};

describe("k8s/production/create-secrets.sh", function () {
  this.timeout(60_000);

  it("creates the Secrets of external-secrets.yaml, with the same keys and types", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    const expected = productionResources("external-secrets.yaml").map(
      ({ metadata, spec: { target, data } }) => ({
        secret: `${metadata.namespace}/${target.name}`,
        keys: keysOf(target.template?.data, data).toSorted(),
        type: target.template?.type ?? "Opaque",
      }),
    );
    expect(cluster.secrets()).to.have.deep.members(expected);
  });

  it("gives NATS and the pods the same passwords, and PostgreSQL those of the URLs", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    for (const user of ["admin", "ingress", "consumer", "purger", "reconcile"])
      expect(cluster.value("nats/nats-users", user)).to.equal(cluster.value("takings/takings-nats", user));
    expect(cluster.value("nats/nack-user", "password")).to.equal(cluster.value("nats/nats-users", "nack"));
    for (const login of ["migrator", "consumer", "query", "prune", "purge", "reconcile"]) {
      const secret = `takings/takings-db-${login}`;
      const [user, password] = [cluster.value(secret, "username"), cluster.value(secret, "password")];
      expect(password).to.match(/^p[0-9a-f]{48}$/);
      expect(cluster.value("takings/takings-postgres", login)).to.equal(
        `postgres://${user}:${password}@takings-db-rw:5432/takings?sslmode=verify-full`,
      );
    }
  });

  it("keeps what exists, and continues after an interruption with the same passwords", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    const before = cluster.value("takings/takings-postgres", "consumer");
    cluster.remove("takings/takings-postgres");
    cluster.remove("nats/nats-users");
    await cluster.run();
    expect(cluster.value("takings/takings-postgres", "consumer")).to.equal(before);
    expect(cluster.value("nats/nats-users", "admin")).to.equal(
      cluster.value("takings/takings-nats", "admin"),
    );
    const calls = cluster.calls().length;
    await cluster.run();
    expect(
      cluster
        .calls()
        .slice(calls)
        .filter((call) => call.includes("create")),
    ).to.deep.equal([]);
  });

  it("names the restored cluster in the URLs when it is told to", async () => {
    using cluster = fakeCluster();
    await cluster.run({ DATABASE_CLUSTER: "takings-db-restored" });
    expect(cluster.value("takings/takings-postgres", "query")).to.include("@takings-db-restored-rw:5432/");
  });

  it("shows no secret in the arguments of a program, and leaves none behind", async () => {
    using cluster = fakeCluster();
    const output = await cluster.run();
    const shown = [...cluster.calls(), output].join("\n");
    expect(shown).to.not.match(/given|p[0-9a-f]{48}/);
    expect(readdirSync(cluster.temporary)).to.deep.equal([]);
  });

  it("says which value is missing, and creates nothing", async () => {
    using cluster = fakeCluster();
    const { code, stderr } = await cluster.outcome({ STRIPE_API_KEY: "" });
    expect(code).to.not.equal(0);
    expect(stderr).to.include("STRIPE_API_KEY: is not set");
    expect(cluster.secrets()).to.deep.equal([]);
  });
});

function keysOf(template: object | undefined, data: readonly { secretKey: string }[]): readonly string[] {
  return template === undefined ? data.map(({ secretKey }) => secretKey) : Object.keys(template);
}

type Secret = { readonly secret: string; readonly keys: readonly string[]; readonly type: string };

/** A folder that the script takes for a cluster. */
function fakeCluster(): FakeCluster {
  const directory = mkdtempSync(join(tmpdir(), "takings-secrets-"));
  const root = join(directory, "cluster");
  const temporary = join(directory, "temporary");
  for (const folder of [root, temporary]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(directory, "kubectl"), fakeKubectl);
  chmodSync(join(directory, "kubectl"), 0o755);
  const commandOf = (more: Readonly<Record<string, string>>): readonly string[] => {
    const env = { PATH: `${directory}:/usr/bin:/bin`, TMPDIR: temporary, ...given, ...more };
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return ["-i", ...settings, "sh", productionPath("create-secrets.sh")];
  };
  const folderOf = (secret: string): string => join(root, "secrets", secret);
  return {
    temporary,
    run: (more = {}) => mustRun("env", commandOf(more)),
    outcome: (more) => runProgram("env", commandOf(more)),
    calls: () => readFileSync(join(root, "calls"), "utf8").split("\n"),
    value: (secret, key) => readFileSync(join(folderOf(secret), key), "utf8"),
    remove: (secret) => rmSync(folderOf(secret), { recursive: true }),
    secrets: () =>
      ["takings", "nats"].flatMap((namespace): Secret[] =>
        (existsSync(folderOf(namespace)) ? readdirSync(folderOf(namespace)) : []).map((name) => ({
          secret: `${namespace}/${name}`,
          keys: readdirSync(folderOf(`${namespace}/${name}`)).toSorted(),
          type: readFileSync(join(root, "types", namespace, name), "utf8").trim(),
        })),
      ),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

type FakeCluster = Disposable & {
  /** Where the script may write temporary files. */
  readonly temporary: string;
  run(more?: Readonly<Record<string, string>>): Promise<string>;
  outcome(more: Readonly<Record<string, string>>): ReturnType<typeof runProgram>;
  calls(): readonly string[];
  value(secret: string, key: string): string;
  remove(secret: string): void;
  secrets(): readonly Secret[];
};
