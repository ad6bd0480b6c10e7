import { TakingsError } from "@takings/domain";
import { durable, stream } from "@takings/wire";
import { NatsError, type NatsConnection } from "nats";
import { z } from "zod";

// Requests to JetStream's API, without the further ones that the client's manager makes, so that users need permission
// for nothing else. The leaders of stream and durable respond: a follower's monitoring page reports 0 pending.
// https://docs.nats.io/reference/reference-protocols/nats_api_reference

/** What the subjects of all requests to JetStream's API begin with. */
export const apiPrefix = "$JS.API";
const defaultTimeoutMs = 3_000;

/** The server refused a request to its API. */
class JetStreamError extends Error {
  /** The server's own number of the reason, from nats-server's errors.json. */
  readonly code: number | undefined;

  constructor(description: string, code: number | undefined) {
    super(description);
    this.name = "JetStreamError";
    this.code = code;
  }
}

const refusal = z.object({
  error: z.object({ description: z.string(), err_code: z.number().optional() }).optional(),
});

/** A request to JetStream's API. */
export type ApiRequest<T> = {
  /** What follows `$JS.API.`. */
  readonly subject: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly response: z.ZodType<T>;
  /** What the request is about, for errors. */
  readonly what: string;
  readonly timeoutMs?: number;
};

/**
 * Sends one request to JetStream's API.
 * @throws JetStreamError when the server refuses it, TakingsError `unavailable` when it does not respond, ZodError when
 * the response is not of the expected shape.
 */
export async function requestApi<T>(nats: NatsConnection, request: ApiRequest<T>): Promise<T> {
  const subject = `${apiPrefix}.${request.subject}`;
  const body = request.body === undefined ? "" : JSON.stringify(request.body);
  const reply = await sendRequest(nats, subject, body, request.timeoutMs);
  const response: unknown = reply.json();
  const { error } = refusal.parse(response);
  if (error !== undefined) throw new JetStreamError(`${request.what}: ${error.description}`, error.err_code);
  return request.response.parse(response);
}

const streamInfo = z.object({
  created: z.string().min(1),
  /** The server's time, by which it also dates what it stores. */
  ts: z.iso.datetime().transform((text) => new Date(text)),
  config: z.object({
    subjects: z.array(z.string()).default([]),
    storage: z.string(),
    retention: z.string(),
    discard: z.string(),
    num_replicas: z.number(),
    max_age: z.number().default(0),
    max_msgs: z.number().default(-1),
    max_msgs_per_subject: z.number().default(-1),
    max_bytes: z.number().default(-1),
    max_msg_size: z.number().default(-1),
    no_ack: z.boolean().default(false),
    persist_mode: z.string().optional(),
    sealed: z.boolean().default(false),
    allow_direct: z.boolean().default(false),
    allow_rollup_hdrs: z.boolean().default(false),
    allow_msg_ttl: z.boolean().default(false),
    mirror: z.unknown().optional(),
  }),
  state: z.object({
    bytes: z.number(),
    first_seq: z.number(),
    /** Below `first_seq` when the stream is empty. */
    last_seq: z.number(),
    deleted: z.array(z.number()).nullish(),
  }),
  // `replicas` are the servers that hold the stream besides the leader. Without a cluster only the leader is named.
  cluster: z
    .object({
      leader: z.string().optional(),
      replicas: z
        .array(
          z.object({
            name: z.string(),
            offline: z.boolean().default(false),
            /** Nanoseconds since the leader last heard from it. */
            active: z.number().default(0),
          }),
        )
        .default([]),
    })
    .default({ replicas: [] }),
});

/** The configuration and state of the stream, as far as anything here depends on it. */
export type StreamInfo = z.output<typeof streamInfo>;

/**
 * Requests the stream's information.
 * @param withDeleted whether to list deleted sequences in `state.deleted`, which may be many.
 * @throws as {@link requestApi}.
 */
export function requestStreamInfo(
  nats: NatsConnection,
  { withDeleted = false }: { readonly withDeleted?: boolean } = {},
): Promise<StreamInfo> {
  return requestApi(nats, {
    subject: `STREAM.INFO.${stream.name}`,
    ...(withDeleted && { body: { deleted_details: true } }),
    response: streamInfo,
    what: `stream ${stream.name}`,
  });
}

const durableInfo = z.object({
  created: z.string().min(1),
  // All of it: a setting that this version does not know is a fault.
  config: z.looseObject({
    opt_start_seq: z.number().default(1),
    /** Nanoseconds. */
    ack_wait: z.number(),
    max_ack_pending: z.number().optional(),
    metadata: z.record(z.string(), z.string()).nullish(),
  }),
  ack_floor: z.object({ stream_seq: z.number() }),
  num_pending: z.number(),
  num_ack_pending: z.number(),
  num_redelivered: z.number(),
  num_waiting: z.number(),
});

/** The configuration and state of the durable consumer. */
export type DurableInfo = z.output<typeof durableInfo>;

/** Requests the durable's information. @throws as {@link requestApi}. */
export function requestDurableInfo(nats: NatsConnection): Promise<DurableInfo> {
  return requestApi(nats, {
    subject: `CONSUMER.INFO.${stream.name}.${durable.name}`,
    response: durableInfo,
    what: `consumer ${durable.name}`,
  });
}

/** Which message to get: the one at a sequence, or the first at or after a sequence or an instant (ADR-31). */
export type MessageQuery =
  | { readonly seq: number; readonly next_by_subj?: string }
  | { readonly start_time: string; readonly next_by_subj: string };

/** Where and when the stream stored a message; `storedAt` is RFC 3339 with up to nine decimals. */
export type MessagePosition = { readonly sequence: number; readonly storedAt: string };

const notFound = 404;
const position = z.object({ sequence: z.coerce.number().int().positive(), storedAt: z.string().min(1) });

/**
 * Gets a message directly from any replica (ADR-31) and returns its position; `undefined` when there is none.
 * @throws TakingsError `unavailable` when no replica responds, ZodError when the response names no position.
 */
export async function findMessage(
  nats: NatsConnection,
  query: MessageQuery,
  timeoutMs?: number,
): Promise<MessagePosition | undefined> {
  const subject = `${apiPrefix}.DIRECT.GET.${stream.name}`;
  const { headers } = await sendRequest(nats, subject, JSON.stringify(query), timeoutMs);
  if (headers?.code === notFound) return undefined;
  return position.parse({
    sequence: headers?.get("Nats-Sequence"),
    storedAt: headers?.get("Nats-Time-Stamp"),
  });
}

async function sendRequest(
  nats: NatsConnection,
  subject: string,
  body: string,
  timeout = defaultTimeoutMs,
): ReturnType<NatsConnection["request"]> {
  try {
    return await nats.request(subject, body, { timeout });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TakingsError("unavailable", `no response to ${subject}: ${reason}`, { cause });
  }
}

const noSuchStream = 10_059;
const noSuchConsumer = 10_014;

/** For `catch`: `undefined` when the server reported that a stream or a consumer does not exist; throws any other error. */
export function unlessMissing(error: unknown): undefined {
  const code =
    error instanceof JetStreamError
      ? error.code
      : // Through the client's manager.
        error instanceof NatsError && error.api_error?.err_code;
  if (code !== noSuchStream && code !== noSuchConsumer) throw error;
  return undefined;
}
