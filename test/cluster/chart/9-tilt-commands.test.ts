import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { databaseUrl, loadSecrets, projectRoot, withClient } from "@takings/local";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { isInstalled } from "../src/run-program.ts";
import { loadTiltfile, type Tilt } from "../src/tilt/load-tiltfile.ts";
import {
  type LocalInstallation,
  runCommand,
  secrets,
  startLocalInstallation,
} from "../src/tilt/local-installation.ts";

// Where the Tiltfile forwards the services to.
const ingressOfTilt = "http://127.0.0.1:8080";
const revenueOfTilt = "http://127.0.0.1:8081";

if (await isInstalled("python3"))
  describe("a command of the Tiltfile, run with an installation on this machine", function () {
    this.timeout(120_000);
    let tilt: Tilt;
    let installation: LocalInstallation;
    before(async () => {
      [tilt, installation] = await Promise.all([
        loadTiltfile(join(projectRoot(), "Tiltfile")),
        startLocalInstallation(),
      ]);
    });
    after(() => installation.stop());

    /** The arguments with the addresses of this installation. */
    function here(argv: readonly string[]): readonly string[] {
      const { ingress, revenue_query: revenue } = installation.components;
      return argv.map((arg) =>
        arg
          .replaceAll(ingressOfTilt, new URL(ingress?.url ?? "").origin)
          .replaceAll(revenueOfTilt, revenue?.url ?? ""),
      );
    }

    async function press(
      name: string,
      env: Readonly<Record<string, string>> = {},
      change = (arg: string): string => arg,
    ): Promise<string> {
      const button = tilt.buttons.find((one) => one.name === name);
      const { code, output } = await runCommand(here(button?.argv ?? []).map(change), {
        ...installation.env,
        ...env,
      });
      expect(code, output).to.equal(0);
      return output;
    }

    async function query(sql: string): Promise<readonly unknown[]> {
      const port = Number(new URL(installation.components["postgres"]?.url ?? "").port);
      const url = databaseUrl("migrator", { port, secrets: loadSecrets(installation.dir) });
      return withClient(url, async (client) => (await client.query(sql)).rows);
    }

    it("is tested for each button", () => {
      expect(tilt.buttons.map(({ name }) => name)).to.deep.equal([
        "send-events",
        "load",
        "quarantine",
        "smoke-test",
      ]);
    });

    it("sends as many events as the button's field says, and counts each once", async () => {
      const output = await press("send-events", { EVENTS: "20" });
      expect(output).to.match(/of 20 events\n(?:.*\n)*counted once +yes/);
    });

    it("sends the load, which is less here", async () => {
      expect(await press("load", {}, (arg) => arg.replace("5000", "100"))).to.match(/of 100 events\n/);
    });

    it("replays the quarantine", async () => {
      await query(`update takings.events set status = 'quarantined', reason = 'not understood', facts = null, payment_object = null
        where event_id = (select min(event_id) from takings.events where type = 'payment_intent.succeeded')`);
      expect(await press("quarantine")).to.include("1 of 1 event(s) were processed");
      expect(await query("select event_id from takings.events where status = 'quarantined'")).to.deep.equal(
        [],
      );
    });

    it("runs the smoke test", async () => {
      await press("smoke-test");
    });

    it("forwards Stripe's events, signed with a secret that ingress did not know", async () => {
      const id = "evt_stripe_listen";
      const body = { id, object: "event", type: "plan.created", created: 1_760_000_000, livemode: false };
      installation.write("event.json", JSON.stringify({ ...body, data: { object: { id: "plan_1" } } }));
      const { serve_cmd: command } = tilt.localCommands.find(({ name }) => name === "stripe listen") ?? {};
      const [program = "", ...args] = here(command ?? []);
      const child = spawn(program, args, { cwd: projectRoot(), env: installation.env, stdio: "pipe" });
      const ended = once(child, "close");
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk) => (output += String(chunk)));
      await eventually("the response", () => installation.read("forwarded.txt") !== undefined, 60_000);
      expect(installation.read("forwarded.txt"), output).to.equal("200");
      child.kill("SIGTERM");
      expect((await ended)[0]).to.equal(7);
      // The first secret stays, because the buttons sign with it; no secret is an argument, which others can see.
      const { data } = JSON.parse(installation.read("takings-stripe.json") ?? "");
      expect(Buffer.from(data.STRIPE_WEBHOOK_SECRETS, "base64").toString().split(/\s+/)).to.deep.equal([
        secrets.ingress,
        secrets.stripeListen,
      ]);
      expect(installation.kubectlLog()).to.not.include("whsec_");
    });
  });
