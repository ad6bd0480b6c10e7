import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { signingSecret } from "../doctor-stack.ts";
import { type PlantedFault, set } from "./planted-fault.ts";

const ofSource = { webhook_secrets: [`${signingSecret}eu`] };

/** Faults of settings and of the clock. */
export const settingsFaults: readonly PlantedFault[] = [
  {
    title: "a variable that cannot be used",
    check: "settings/variables",
    found: /^BATCH_SIZE: must be a whole number from 1 to 5000$/,
    advice: /docs\/configuration\.md/,
    plant: set({ BATCH_SIZE: "many" }),
  },
  {
    title: "an API key in the place of a signing secret",
    check: "settings/secrets",
    found: /^STRIPE_WEBHOOK_SECRETS: .*is an API key/,
    advice: /replace them/,
    plant: set({ STRIPE_WEBHOOK_SECRETS: "sk_test_0123456789abcdef" }),
  },
  {
    title: "a file with secrets that everybody may read",
    check: "settings/files",
    found: /open to everybody: STRIPE_WEBHOOK_SECRETS_FILE/,
    advice: /chmod o=/,
    async plant({ secretFile }) {
      await chmod(secretFile, 0o644);
      return { remove: () => chmod(secretFile, 0o600) };
    },
  },
  {
    title: "a file with secrets that is missing",
    check: "settings/files",
    found: /cannot be read: API_TOKENS_FILE: ENOENT/,
    advice: /readable/,
    plant: set({ API_TOKENS_FILE: "/nonexistent/tokens" }),
  },
  {
    title: "a file of sources that cannot be understood",
    check: "settings/sources",
    found: /STRIPE_SOURCES_FILE: source shop-us: webhook_secrets/,
    advice: /docs\/configuration\.md/,
    async plant({ secretFile }) {
      const file = `${secretFile}-of-sources`;
      await writeFile(file, JSON.stringify({ "shop-eu": ofSource, "shop-us": {} }), { mode: 0o600 });
      return { environment: { STRIPE_SOURCES_FILE: file }, unknown: ["ledger/sources"] };
    },
  },
  {
    title: "a source with a secret of the default one",
    check: "settings/sources",
    found: /^source shop-eu has a secret of STRIPE_WEBHOOK_SECRETS$/,
    advice: /secrets of its own/,
    async plant({ secretFile }) {
      const file = `${secretFile}-of-sources`;
      await writeFile(file, JSON.stringify({ "shop-eu": { webhook_secrets: [signingSecret] } }), {
        mode: 0o600,
      });
      return { environment: { STRIPE_SOURCES_FILE: file } };
    },
  },
  {
    title: "a key of a source that is none",
    check: "settings/sources",
    found: /^STRIPE_SOURCES_FILE: source shop-eu: api_key_file: must be a live or test mode key/,
    advice: /a key of Stripe/,
    async plant({ secretFile }) {
      const [file, key] = [`${secretFile}-of-sources`, `${secretFile}-key`];
      await writeFile(key, "pk_test_1", { mode: 0o600 });
      await writeFile(file, JSON.stringify({ "shop-eu": { ...ofSource, api_key_file: key } }), {
        mode: 0o600,
      });
      return { environment: { STRIPE_SOURCES_FILE: file } };
    },
  },
  {
    title: "a page that is opened without TLS and shown to everyone",
    check: "settings/page",
    found: /begins with http:\/\/.*unencrypted; ALLOW_ANONYMOUS is true/,
    advice: /docs\/page\.md/,
    plant: set({ PUBLIC_URL: "http://takings.example.com", ALLOW_ANONYMOUS: "true" }),
  },
  {
    title: "a page that believes anybody's header",
    check: "settings/page",
    found: /whoever sends the header is signed in$/,
    advice: /docs\/page\.md/,
    plant: set({ PAGE_USER_HEADER: "X-Forwarded-User" }),
  },
  {
    title: "a secret among the arguments of a process",
    check: "settings/arguments",
    found: /a secret of STRIPE_WEBHOOK_SECRETS_FILE is an argument of process \d+/,
    advice: /environment or in files/,
    async plant() {
      const child = spawn(
        "tail",
        ["-f", "/dev/null", `--pid=${process.pid}`, "--", `/tmp/${signingSecret}`],
        {
          stdio: "ignore",
        },
      );
      await once(child, "spawn");
      return {
        remove: async () => {
          const ended = once(child, "exit");
          child.kill("SIGKILL");
          await ended;
        },
      };
    },
  },
  {
    title: "a clock that is two minutes ahead",
    check: "clock",
    found: /PostgreSQL's -1(19|20)\.\d s, NATS's -1(19|20)\.\d s, Stripe's -1(19|2\d)\.\d s/,
    advice: /TakingsClockSkew/,
    plant: () => Promise.resolve({ aheadMs: 120_000 }),
  },
];
