import { randomUUID } from "node:crypto";
import { natsPermissions, type NatsUser } from "@takings/nats/permissions";
import { nkeys } from "nats";

/** The configuration of a server that knows its users by JWT, and the users' credentials. */
export type NatsAccounts = {
  /** To be added to a configuration without `authorization`. */
  readonly config: string;
  /** The text of a .creds file for each user. */
  readonly creds: Readonly<Record<NatsUser, string>>;
};

const unlimited = { subs: -1, data: -1, payload: -1 };
const accountLimits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/**
 * New keys for an operator, its system account and an account with JetStream, in which each user has the permissions of
 * the product. The claims are those of https://github.com/nats-io/jwt (version 2).
 */
export function createNatsAccounts(): NatsAccounts {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const system = nkeys.createAccount();
  const operatorJwt = signedBy(operator, operator, "takings", { type: "operator" });
  const accountJwt = signedBy(operator, account, "takings", {
    type: "account",
    limits: { ...accountLimits, ...storage },
  });
  const systemJwt = signedBy(operator, system, "SYS", { type: "account", limits: accountLimits });
  const credsOf = (user: NatsUser, permissions: object): string => {
    const key = nkeys.createUser();
    const jwt = signedBy(account, key, user, { type: "user", ...unlimited, ...permissions });
    return credsFile(jwt, new TextDecoder().decode(key.getSeed()));
  };
  const restricted = Object.entries(natsPermissions).map(([user, { publish, subscribe }]) => [
    user,
    credsOf(user as NatsUser, { pub: { allow: publish }, sub: { allow: subscribe } }),
  ]);
  return {
    config: `
operator: ${operatorJwt}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${systemJwt} }
`,
    creds: { ...Object.fromEntries(restricted), admin: credsOf("admin", {}) },
  };
}

type Key = ReturnType<typeof nkeys.createUser>;

function signedBy(issuer: Key, subject: Key, name: string, claims: object): string {
  const header = { typ: "JWT", alg: "ed25519-nkey" };
  const body = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { ...claims, version: 2 },
  };
  const signed = [header, body]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = issuer.sign(new TextEncoder().encode(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

/** The format of `nsc generate creds`. */
function credsFile(jwt: string, seed: string): string {
  return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
}
