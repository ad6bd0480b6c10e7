import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { commandEnv, type RunningStack, stackFor } from "../src/run/command-access.ts";
import { nodeCommand } from "../src/processes/node-command.ts";
import { projectRoot } from "../src/project-root.ts";
import { RunDirectory } from "./test-programs/run.ts";

type Ended = { readonly code: number; readonly output: string };
type Env = Readonly<Record<string, string>>;

/** `pnpm takings …`, with this environment and nothing else of the test's. */
function takings(args: readonly string[], env: Env): Promise<Ended> {
  const script = join(projectRoot(), "packages/local/src/takings.ts");
  return new Promise((resolve) => {
    const program = nodeCommand([script, ...args], env);
    execFile(program.command, program.args, program, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

describe("commands beside a running local stack", function () {
  this.timeout(120_000);
  let dir: RunDirectory;
  // The stack's own secret is told nowhere but in its settings.
  const secret = "whsec_of_this_run_alone";
  before(async () => {
    dir = new RunDirectory();
    await dir.startReal({ STRIPE_WEBHOOK_SECRETS: secret }).ready();
  });
  after(() => dir[Symbol.asyncDispose]());

  const commands = [
    { args: ["migrate"], says: /up to date/ },
    { args: ["stream"], says: /in place/ },
    { args: ["smoke-test", "--payments", "2"], says: /./ },
    { args: ["verify"], says: /agree/ },
    { args: ["quarantine", "list"], says: /0 event\(s\) in quarantine/ },
    { args: ["purge", "--dry-run"], says: /would purge nothing/ },
    { args: ["rebuild"], says: /0 entries/ },
    { args: ["payloads", "prune", "--older-than-days", "30"], says: /removed 0 payloads/ },
  ];
  for (const { args, says } of commands) {
    it(`find it without any settings: takings ${args.join(" ")}`, async () => {
      const { code, output } = await takings(args, { TAKINGS_DIR: dir.path });
      expect(output).to.match(says);
      expect(code, output).to.equal(0);
    });
  }

  const stack = (): RunningStack => {
    const found = stackFor(dir.path);
    if (found === undefined) throw new Error("nothing runs here");
    return found;
  };
  const user = (args: readonly string[], name: string): string =>
    new URL(commandEnv(args, {}, stack())[name] ?? "").username;

  it("have the login of their purpose and no more", () => {
    expect(user(["rebuild"], "DATABASE_URL")).to.equal("takings_migrator");
    expect(user(["verify", "--json"], "DATABASE_URL")).to.equal("takings_query");
    expect(user(["quarantine", "list"], "DATABASE_URL")).to.equal("takings_query");
    expect(user(["quarantine", "replay", "--all"], "DATABASE_URL")).to.equal("takings_migrator");
    expect(user(["purge"], "DATABASE_URL")).to.equal("takings_purge");
    expect(user(["purge"], "NATS_URL")).to.equal("purger");
    expect(user(["reconcile"], "NATS_URL")).to.equal("reconcile");
    expect(user(["balance", "sync"], "NATS_URL")).to.equal("reconcile");
    expect(user(["balance", "sync"], "DATABASE_URL")).to.equal("takings_reconcile");
    expect(user(["stream", "replay"], "NATS_URL")).to.equal("admin");
  });

  it("keep what the environment sets", () => {
    const env = commandEnv(["verify"], { STREAM_KEEP: "1d", STRIPE_WEBHOOK_SECRETS: "whsec_x" }, stack());
    expect(env).to.include({ STREAM_KEEP: "1d", STRIPE_WEBHOOK_SECRETS: "whsec_x" });
  });

  it("never mix a server elsewhere with those of this stack", () => {
    const env = { DATABASE_URL: "postgres://u:p@db.example.com/takings" };
    expect(commandEnv(["purge"], env, stack())).to.deep.equal(env);
  });

  it("are not led elsewhere by what points the user's own tools there", () => {
    const files = { NATS_CREDS_FILE: "/mine", NATS_CA_FILE: "/mine", DATABASE_CA_FILE: "/mine" };
    const env = commandEnv(["verify"], { PGHOST: "db.example.com", ...files }, stack());
    expect(env).not.to.have.any.keys("PGHOST", ...Object.keys(files));
  });
});

describe("commands where no local stack runs", () => {
  it("say so, beside what they lack", async () => {
    await using dir = new RunDirectory();
    const { code, output } = await takings(["verify"], { TAKINGS_DIR: dir.path });
    expect(output)
      .to.include(`No local stack runs on ${dir.path}, so all settings come from the environment.`)
      .and.to.include("DATABASE_URL: is required");
    expect(code).to.equal(1);
  });
});
