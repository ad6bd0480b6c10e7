import { type NatsPermissions, natsPermissions } from "@takings/nats/permissions";

/**
 * The `authorization` part of a server's configuration, with exactly the permissions of the local run and the tests.
 * Passwords are variables of the server's environment: NATS_INGRESS_PASSWORD and so on.
 */
export function natsUsersConfig(): string {
  const restricted = Object.entries(natsPermissions).map(([user, permissions]) =>
    userBlock(user, permissions),
  );
  return `# Made by \`pnpm manifests\` from packages/nats/src/nats-permissions.ts. Do not edit.
authorization {
  users: [
    { user: admin, password: $NATS_ADMIN_PASSWORD }
${restricted.join("\n")}
  ]
}
`;
}

function userBlock(user: string, { publish, subscribe }: NatsPermissions): string {
  const subjects = (list: readonly string[]): string =>
    list.map((subject) => JSON.stringify(subject)).join(", ");
  return `    { user: ${user}, password: $NATS_${user.toUpperCase()}_PASSWORD, permissions: {
      publish: { allow: [${subjects(publish)}] }
      subscribe: { allow: [${subjects(subscribe)}] }
    } }`;
}
