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
case "$*" in *"\${FAILING_CALL:-none}"*) echo "connection refused" >&2; exit 1 ;; esac
[ "$1" = --namespace ] && namespace=$2 && shift 2
case "$1 $2" in
  "get secret")
    folder=$cluster/secrets/$namespace/$3
    case "$4 $5" in
      "--ignore-not-found --output") [ ! -d "$folder" ] || echo "secret/$3" ;;
      "--output jsonpath={.data."*)
        key=$(echo "$5" | sed 's/.*[.]data[.]\\(.*\\)}/\\1/')
        # Like kubectl, it prints nothing for a key that is not there.
        [ ! -f "$folder/$key" ] || base64 <"$folder/$key" | tr -d '\\n' ;;
      *) echo "unexpected: $*" >&2; exit 1 ;;
    esac ;;
  "delete secret")
    rm -r "$cluster/secrets/$namespace/$3" 2>/dev/null || [ "$4" = --ignore-not-found ] ;;
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

const nothingGiven = Object.fromEntries(Object.keys(given).map((name) => [name, ""]));

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

  it("replaces the URLs by those of the restored cluster, without the values of the other Secrets", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    const before = cluster.value("takings/takings-postgres", "query");
    await cluster.run({ DATABASE_CLUSTER: "takings-db-restored", ...nothingGiven });
    const after = before.replace("@takings-db-rw:", "@takings-db-restored-rw:");
    expect(cluster.value("takings/takings-postgres", "query")).to.equal(after);
    await cluster.run(nothingGiven);
    expect(cluster.value("takings/takings-postgres", "query")).to.equal(after);
  });

  for (const [call, secret] of [
    ["takings-nats --output jsonpath={.data.purger}", "nats/nats-users"],
    ["nack-user --output jsonpath={.data.password}", "nats/nats-users"],
    ["takings-db-purge --output jsonpath={.data.password}", "takings/takings-postgres"],
    ["takings-db-grafana --output jsonpath={.data.password}", "monitoring/takings-grafana"],
    ["takings-api --ignore-not-found", "takings/takings-api"],
  ] as const)
    it(`makes no Secret without a password when the cluster fails: ${call}`, async () => {
      using cluster = fakeCluster();
      const { code, stderr } = await cluster.outcome({ FAILING_CALL: call });
      expect(code).to.not.equal(0);
      expect(stderr).to.include("connection refused");
      expect(cluster.secrets().map((one) => one.secret)).to.not.include(secret);
      await cluster.run();
      for (const one of cluster.secrets())
        for (const key of one.keys) expect(cluster.value(one.secret, key), one.secret).to.not.match(/^$|:@/);
    });

  it("keeps the URLs when a password cannot be read", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    const before = cluster.value("takings/takings-postgres", "query");
    const { code } = await cluster.outcome({
      DATABASE_CLUSTER: "takings-db-restored",
      FAILING_CALL: "takings-db-reconcile --output jsonpath",
    });
    expect(code).to.not.equal(0);
    expect(cluster.value("takings/takings-postgres", "query")).to.equal(before);
  });

  it("names a Secret that lacks a key", async () => {
    using cluster = fakeCluster();
    await cluster.run();
    cluster.remove("nats/nats-users");
    cluster.remove("takings/takings-nats/purger");
    const { code, stderr } = await cluster.outcome({});
    expect(code).to.not.equal(0);
    expect(stderr).to.include("the Secret takings-nats in the namespace takings has no key purger");
    expect(cluster.secrets().map(({ secret }) => secret)).to.not.include("nats/nats-users");
  });

  it("shows no secret in the arguments of a program, and leaves none behind", async () => {
    using cluster = fakeCluster();
    const output = await cluster.run();
    const shown = [...cluster.calls(), output].join("\n");
    expect(shown).to.not.match(/given|p[0-9a-f]{48}/);
    expect(readdirSync(cluster.temporary)).to.deep.equal([]);
  });

  for (const name of ["STRIPE_API_KEY", "SECRET_ACCESS_KEY"])
    it(`says which value is missing, and creates nothing: ${name}`, async () => {
      using cluster = fakeCluster();
      const { code, stderr } = await cluster.outcome({ [name]: "" });
      expect(code).to.not.equal(0);
      expect(stderr).to.include(`${name}: is not set`);
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
      ["takings", "nats", "monitoring"].flatMap((namespace): Secret[] =>
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
