import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type ClientOf, clientShare } from "./client-address.ts";

/** How many connections a server has at most, and to which client one belongs. */
export type ConnectionLimits = { readonly maxConnections: number; readonly clientOf: ClientOf };

/**
 * `silent`: no complete request has come yet. `idle`: waits for the next request. `busy`: has a complete request.
 */
type State = "silent" | "idle" | "busy";

type Connection = {
  readonly socket: Socket;
  /** All groups that it counts in: everyone's, and that of its client. */
  readonly groups: readonly Group[];
  readonly responses: Set<ServerResponse>;
  state: State;
  /** Since when it waits for a request. */
  since: number;
};

/** Connections that share a limit, in the order in which they began to wait. */
type Group = { readonly limit: number } & Readonly<Record<State, Set<Connection>>>;

/** An ordinary client sends its first request within this time. */
const silentMs = 1_000;

/**
 * Limits the connections of a server. At the limit a new connection takes the place of another: one that has been silent
 * for a second, then the one that has waited longest for a request, then one whose client does not read its response. A
 * request whose body is complete is never cut off. Only when there is no such connection is the new one closed. So clients
 * that open connections and do nothing displace each other, and not those that send requests.
 *
 * A client may have no more than its share; beyond it, its connections displace each other.
 */
export function limitConnections(server: Server, { maxConnections, clientOf }: ConnectionLimits): void {
  const everyone = createGroup(maxConnections);
  const clients = new Map<string, Group>();
  const connections = new WeakMap<Socket, Connection>();

  const groupOf = (client: string): Group => {
    const group = clients.get(client) ?? createGroup(Math.ceil(maxConnections * clientShare));
    clients.set(client, group);
    return group;
  };

  server.on("connection", (socket: Socket) => {
    const client = clientOf(socket.remoteAddress ?? "");
    // The client first: what it may not have need not displace others.
    const groups = client === undefined ? [everyone] : [groupOf(client), everyone];
    const removeEmpty = (): void => {
      if (client !== undefined && size(groupOf(client)) === 0) clients.delete(client);
    };
    if (!groups.every(makeRoom)) {
      socket.destroy();
      removeEmpty();
      return;
    }
    const connection: Connection = {
      socket,
      groups,
      responses: new Set(),
      state: "silent",
      since: performance.now(),
    };
    connections.set(socket, connection);
    enter(connection, "silent");
    socket.once("close", () => {
      leave(connection);
      removeEmpty();
    });
  });

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.responses.add(response);
    // It no longer waits for this request to begin, but may still wait for its end.
    if (connection.state === "idle") enter(connection, "idle");
    response.once("close", () => {
      connection.responses.delete(response);
      if (connection.responses.size === 0 && !connection.socket.destroyed) enter(connection, "idle");
    });
  });
}

function createGroup(limit: number): Group {
  return { limit, silent: new Set(), idle: new Set(), busy: new Set() };
}

function size({ silent, idle, busy }: Group): number {
  return silent.size + idle.size + busy.size;
}

/** Moves a connection behind all others of that state. */
function enter(connection: Connection, state: State): void {
  leave(connection);
  connection.state = state;
  if (state === "idle") connection.since = performance.now();
  for (const group of connection.groups) group[state].add(connection);
}

function leave(connection: Connection): void {
  for (const group of connection.groups) group[connection.state].delete(connection);
}

/** Closes a connection where a group is full. Returns whether there is room for one more. */
function makeRoom(group: Group): boolean {
  if (size(group) < group.limit) return true;
  const displaced = longestWaiting(group);
  if (displaced === undefined) return false;
  // At once, and not when the socket has closed: more connections may come before.
  leave(displaced);
  displaced.socket.destroy();
  return true;
}

function longestWaiting(group: Group): Connection | undefined {
  const silent = firstWaiting(group.silent);
  const idle = firstWaiting(group.idle);
  if (silent !== undefined && performance.now() - silent.since >= silentMs) return silent;
  if (silent !== undefined && idle !== undefined) return silent.since < idle.since ? silent : idle;
  return silent ?? idle ?? group.busy.values().find((one) => !isBeingAnswered(one));
}

/** Finds out only here, when it matters, that a request has become complete: Node emits nothing for that. */
function firstWaiting(waiting: Set<Connection>): Connection | undefined {
  for (const one of waiting) {
    if (!isBeingAnswered(one)) return one;
    enter(one, "busy");
  }
  return undefined;
}

/** Whether a request has arrived completely, and the server owes it at least a part of its response. */
function isBeingAnswered({ responses }: Connection): boolean {
  return responses.values().some((response) => response.req.complete && !response.writableEnded);
}
