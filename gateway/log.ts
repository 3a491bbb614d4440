// Structured logs: JSON lines, or short lines on a terminal. Whatever a request or job does carries its correlation id.
// Payload bodies are never logged; secrets that slip into a text are masked here, once.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Writable } from 'node:stream'
import { pino, type Logger } from 'pino'
import { RetryableError } from './errors.js'

export type Log = Logger

/** Fields of every line written while a request or job runs; snake_case as the log has them. */
export interface LogContext {
  correlation_id?: string
  message_id?: string
  interchange_id?: string
  partner?: string
  client?: string
  lane?: string
}

const context = new AsyncLocalStorage<LogContext>()

/** Runs `work` so that its log lines carry `fields` beside those of the caller. */
export const withLogContext = <T>(fields: LogContext, work: () => T): T =>
  context.run({ ...context.getStore(), ...fields }, work)

const REDACTED = ['password', 'secret', 'token', 'key', 'apiKey', 'authorization', 'cookie']
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/(\w+:\/\/[^\s:@/]+:)[^\s@/]+@/g, '$1***@'],
  [/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer ***'],
  [/\bedigw_([\w-]+?)_[\w-]{10,}/g, 'edigw_$1_***'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '***'],
]

/** Takes passwords in URLs, bearer tokens, API keys and JWTs out of a text. */
const maskSecrets = (text: string) =>
  MASKS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text)

interface ToldError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: ToldError
}

/** Where the code stood says nothing of a system that is away, nor do many stacks of one outage. */
const tellError = (error: unknown, stacks = true): ToldError => {
  if (!(error instanceof Error)) return { type: typeof error, message: maskSecrets(String(error)) }
  const { code } = error as NodeJS.ErrnoException
  const placed = stacks && !(error instanceof RetryableError)
  return {
    type: error.name,
    message: maskSecrets(error.message),
    ...(code === undefined ? {} : { code: String(code) }),
    ...(error.stack === undefined || !placed ? {} : { stack: maskSecrets(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: tellError(error.cause, placed) }),
  }
}

interface Line {
  level: string
  ts: string
  msg?: string
  err?: ToldError
  [field: string]: unknown
}

const COLOURS: Record<string, string> = {
  warn: '33',
  error: '31',
  fatal: '31',
  debug: '2',
  trace: '2',
}
const visible = (text: string) =>
  // Control characters from outside must not write lines of their own or move the cursor.
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => JSON.stringify(c).slice(1, -1))

const shortLine = (line: Line) => {
  const { level, ts, msg = '', err, ...fields } = line
  const colour = COLOURS[level]
  const word = colour === undefined ? level : `\u001b[${colour}m${level}\u001b[0m`
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const error = err === undefined ? [] : [`(${err.message})`]
  return `${ts.slice(11, 19)} ${word} ${visible([msg, ...error, ...rest].join(' '))}\n`
}

export interface LogOptions {
  level: string
  format: 'auto' | 'json' | 'pretty'
  /** Where lines go; `isTTY` decides what `auto` means. */
  stream: Writable & { isTTY?: boolean }
}

/** A logger: `log.info({ field }, 'text')`; an error goes into the field `err`. */
export function createLog({ level, format, stream }: LogOptions): Log {
  const pretty = format === 'pretty' || (format === 'auto' && stream.isTTY === true)
  const destination = pretty
    ? { write: (line: string) => void stream.write(shortLine(JSON.parse(line) as Line)) }
    : stream
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) =>
          Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [
              name,
              typeof value === 'string' ? maskSecrets(value) : value,
            ]),
          ),
      },
      mixin: () => ({ ...context.getStore() }),
      redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '***' },
      serializers: { err: (error: unknown) => tellError(error) },
      hooks: {
        logMethod(args, method) {
          const masked = args.map((arg) => (typeof arg === 'string' ? maskSecrets(arg) : arg))
          method.apply(this, masked as Parameters<typeof method>)
        },
      },
    },
    destination,
  )
}
