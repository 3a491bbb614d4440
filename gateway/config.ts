// The gateway's settings. This file alone reads the process environment; everybody else gets a checked value.
// docs/configuration.md documents every variable; a test compares both ways.
import { Type, type Static, type TObject, type TProperties } from '@sinclair/typebox'
import { Ajv, type ErrorObject } from 'ajv'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { object } from '../edi-maps/canonical/values.js'
import { EnvironmentError } from './environment-error.js'

const choice = <const T extends readonly string[]>(list: T, options: object = {}) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...list], ...options })
const text = (description: string) => Type.String({ minLength: 1, description })
const HTTP = '^https?://[^\\s]+$'
const POSTGRES = '^postgres(ql)?://'
const REDIS = '^rediss?://'
const KEY = '^[A-Za-z0-9+/_-]{43}=?$'
const ID = '^[a-z0-9][a-z0-9._-]{0,62}$'
const httpUrl = (description: string) => Type.String({ pattern: HTTP, format: 'uri', description })

/** Every variable, as text in the environment. `secret` ones may also come as a file named by `<NAME>_FILE`. */
export const Environment = object({
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: POSTGRES,
      secret: true,
      description:
        'PostgreSQL 14 or later. Without it the gateway runs its own server in the data folder.',
    }),
  ),
  REDIS_URL: Type.Optional(
    Type.String({
      pattern: REDIS,
      secret: true,
      description: 'Redis 6.2 or later: wakes up the other gateway processes on the same database.',
    }),
  ),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on.' }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 8080,
    description: 'Port to listen on; 0 takes a free one.',
  }),
  EDIGW_TLS_CERTIFICATE: Type.Optional(
    text('PEM file with the certificate and its chain: the gateway then speaks HTTPS alone.'),
  ),
  EDIGW_TLS_KEY: Type.Optional(text('PEM file with the private key of that certificate.')),
  EDIGW_DATA: Type.String({
    minLength: 1,
    default: './data',
    description: 'Folder for the database, keys and spooled payloads.',
  }),
  EDIGW_AGREEMENTS: Type.Optional(
    text(
      'Folder whose *.json agreements are loaded at start; default `agreements` in the data folder.',
    ),
  ),
  EDIGW_PUBLIC_URL: Type.Optional(
    httpUrl('Address under which others reach the gateway; default is host and port.'),
  ),
  EDIGW_MASTER_KEY: Type.Optional(
    Type.String({
      pattern: KEY,
      secret: true,
      description:
        '32 bytes in base64 that seal the secrets and the keys of payloads in the database; default a file made in the data folder. Processes that share a database share the key.',
    }),
  ),
  EDIGW_MASTER_KEY_PREVIOUS: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9+/_-]{43}=?$',
      secret: true,
      description: 'The master key before this one: the next start seals anew what it has sealed.',
    }),
  ),
  EDIGW_SFTP_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description:
        'Port of the SFTP server partners log in to; 0 takes a free one. Without it there is none.',
    }),
  ),
  EDIGW_SFTP_HOST: Type.Optional(
    text('Address the SFTP server listens on; default is that of HOST.'),
  ),
  EDIGW_SFTP_IDLE_SECONDS: Type.Integer({
    minimum: 1,
    default: 600,
    description: 'An SFTP session without a request for so long is ended.',
  }),
  EDIGW_LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error'] as const, {
    default: 'info',
    description: 'Least severe lines to write.',
  }),
  EDIGW_LOG_FORMAT: choice(['auto', 'json', 'pretty'] as const, {
    default: 'auto',
    description: '`auto` is short lines on a terminal and JSON elsewhere.',
  }),
  EDIGW_ODOO_URL: Type.Optional(
    httpUrl('Address of the Odoo server, for one connection named `odoo`.'),
  ),
  EDIGW_ODOO_KEY: Type.Optional(
    Type.String({ minLength: 1, secret: true, description: 'API key the addon has issued.' }),
  ),
  EDIGW_ODOO_ENVIRONMENT: choice(['test', 'production'] as const, {
    default: 'test',
    description: 'What the Odoo database is; messages of the other kind are held.',
  }),
  EDIGW_ODOO_COMPANY: Type.Optional(text('Company the messages are for, as the addon knows it.')),
  EDIGW_CONNECTIONS: Type.Optional(
    text('JSON file with several connections instead of the EDIGW_ODOO_ variables.'),
  ),
  EDIGW_MAX_INTERCHANGE_BYTES: Type.Integer({
    minimum: 1024,
    default: 314_572_800,
    description: 'Larger payloads are answered 413.',
  }),
  EDIGW_MAX_AS2_BYTES: Type.Integer({
    minimum: 1024,
    default: 629_145_600,
    description: 'Larger AS2 messages are answered 413; a partner may have a lower limit.',
  }),
  EDIGW_MAX_JSON_BYTES: Type.Integer({
    minimum: 1024,
    default: 10_485_760,
    description: 'Larger JSON bodies are answered 413.',
  }),
  EDIGW_SLOW_CLIENT_SECONDS: Type.Integer({
    minimum: 1,
    default: 30,
    description: 'A request whose bytes stop for so long is given up (408).',
  }),
  EDIGW_DATABASE_POOL: Type.Integer({
    minimum: 2,
    maximum: 1000,
    default: 10,
    description: 'Database connections of one process.',
  }),
  EDIGW_DRAIN_SECONDS: Type.Integer({
    minimum: 1,
    default: 25,
    description: 'How long open requests and jobs may take to end when the gateway is stopped.',
  }),
  EDIGW_MAX_BACKLOG: Type.Integer({
    minimum: 1,
    default: 100_000,
    description: 'With more payloads waiting to be translated, new ones are answered 429.',
  }),
  EDIGW_FAULT: Type.Optional(
    text('For tests: the named point at which the process dies as by kill -9.'),
  ),
})
type Environment = Static<typeof Environment>

/** How a gateway reaches one Odoo database (or another target that speaks the same contract). */
export const Connection = object({
  id: Type.String({ pattern: ID }),
  url: httpUrl('Base address; `/edi_gateway/v1/…` is appended.'),
  environment: choice(['test', 'production'] as const),
  /** One of the two; a target without either is called without Authorization. */
  key: Type.Optional(text('API key, sent as Bearer.')),
  jwt: Type.Optional(
    object({
      kid: text('Key id registered at the target.'),
      secret: Type.String({ minLength: 32, description: 'HS256 secret, at least 32 bytes.' }),
      issuer: text('`iss`'),
      subject: text('`sub`'),
    }),
  ),
  company: Type.Optional(text('Company of the messages, when the agreement names none.')),
})
export type Connection = Static<typeof Connection>

/** Where `edigw receiver` listens when it is told nothing else. */
export const RECEIVER_PORT = 8025

/** Used when no connection is configured, so that a first try needs no settings. */
export const EXAMPLE_CONNECTION: Connection = {
  id: 'receiver',
  url: `http://127.0.0.1:${RECEIVER_PORT}`,
  environment: 'production',
}

export interface Config {
  /** Absent: the embedded server in `data`. */
  databaseUrl?: string
  redisUrl?: string
  host: string
  port: number
  /** Absolute paths; absent: plain HTTP. */
  tls?: { certificate: string; key: string }
  /** Absolute path. */
  data: string
  /** Absolute path. */
  agreements: string
  publicUrl?: string
  /** Absent: no SFTP server. */
  sftp?: { host: string; port: number; idleMs: number }
  /** 32 bytes; absent: the file in the data folder. */
  masterKey?: Buffer
  /** 32 bytes; its secrets are sealed anew. */
  previousMasterKey?: Buffer
  logLevel: Environment['EDIGW_LOG_LEVEL']
  logFormat: Environment['EDIGW_LOG_FORMAT']
  connections: readonly Connection[]
  maxInterchangeBytes: number
  maxAs2Bytes: number
  maxJsonBytes: number
  slowClientMs: number
  databasePool: number
  drainMs: number
  maxBacklog: number
  fault?: string
}

const checkEnvironment = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true })
  .addVocabulary(['secret'])
  .addFormat('uri', URL.canParse)
  .compile<Environment>(Environment)
const checkConnections = new Ajv({ allErrors: true })
  .addFormat('uri', URL.canParse)
  .compile(Type.Array(Connection))

/** Fewest insertions, removals and replacements of a character that make `a` into `b`. */
const distance = (a: string, b: string) => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    }
    row = next
  }
  return row[b.length]!
}

/** Some names are without the prefix everybody expects: `EDIGW_PORT` means PORT. */
const nearest = (name: string, names: readonly string[]) => {
  const bare = name.replace(/^EDIGW_/, '')
  const far = (one: string) => Math.min(distance(name, one), distance(bare, one))
  return [...names].sort((a, b) => far(a) - far(b))[0]
}

const fail = (lines: readonly string[]): never => {
  throw new EnvironmentError(lines.join('\n'), 'docs/configuration.md lists all settings')
}

const properties = (schema: TObject<TProperties>) => Object.entries(schema.properties)

const readSecretFile = (name: string, path: string) => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    return fail([`${name}: ${(error as Error).message}`])
  }
}

/** What a pattern asks for, in words. */
const PATTERNS: Readonly<Record<string, string>> = {
  [HTTP]: 'must be an address that begins with http:// or https://',
  [POSTGRES]: 'must be an address that begins with postgresql://',
  [REDIS]: 'must be an address that begins with redis:// or rediss://',
  [KEY]: 'must be 32 bytes in base64, as `openssl rand -base64 32` makes them',
  [ID]: 'must be lower-case letters, digits, dots, dashes or underlines, at most 63',
}

const told = (error: ErrorObject, value: unknown, secret: boolean) => {
  const { allowedValues, pattern } = error.params as { allowedValues?: string[]; pattern?: string }
  const shown = secret || value === undefined ? '' : ` (it is ${JSON.stringify(value)})`
  const text =
    allowedValues === undefined
      ? (PATTERNS[pattern ?? ''] ?? error.message)
      : `must be one of ${allowedValues.join(', ')}`
  return `${text}${shown}`
}

/** One error a value: what does not begin as an address is no address either. */
const oneEach = (errors: readonly ErrorObject[]) =>
  [...new Map([...errors].reverse().map((error) => [error.instancePath, error])).values()].reverse()

const readEnvironment = (env: Readonly<Record<string, string | undefined>>): Environment => {
  const known = properties(Environment)
  const names = known.flatMap(([name, schema]) =>
    schema['secret'] ? [name, `${name}_FILE`] : [name],
  )
  const unknown = Object.keys(env).filter((n) => n.startsWith('EDIGW_') && !names.includes(n))
  if (unknown.length > 0) {
    fail(unknown.map((n) => `${n} is no setting; did you mean ${nearest(n, names)}?`))
  }
  const given: Record<string, unknown> = {}
  for (const [name, schema] of known) {
    const file = schema['secret'] ? env[`${name}_FILE`] : undefined
    if (file && env[name]) fail([`${name} and ${name}_FILE are both set; one is enough`])
    const value = file ? readSecretFile(`${name}_FILE`, file) : env[name]
    if (value !== undefined && value !== '') given[name] = value // set to nothing is not set, as shells do
  }
  const before = { ...given }
  if (checkEnvironment(given)) return given
  return fail(
    oneEach(checkEnvironment.errors ?? []).map((error) => {
      const name = error.instancePath.slice(1)
      const secret = known.some(([n, schema]) => n === name && schema['secret'])
      return `${name} ${told(error, before[name], secret)}`
    }),
  )
}

const readConnections = (env: Environment, cwd: string): readonly Connection[] => {
  const { EDIGW_CONNECTIONS: path, EDIGW_ODOO_URL: url } = env
  if (path === undefined) {
    if (url === undefined) return [EXAMPLE_CONNECTION]
    return [
      {
        id: 'odoo',
        url,
        environment: env.EDIGW_ODOO_ENVIRONMENT,
        ...(env.EDIGW_ODOO_KEY === undefined ? {} : { key: env.EDIGW_ODOO_KEY }),
        ...(env.EDIGW_ODOO_COMPANY === undefined ? {} : { company: env.EDIGW_ODOO_COMPANY }),
      },
    ]
  }
  if (url !== undefined) fail(['EDIGW_ODOO_URL and EDIGW_CONNECTIONS are both set; one is enough'])
  const file = resolve(cwd, path)
  let list: Connection[]
  try {
    list = JSON.parse(readFileSync(file, 'utf8')) as Connection[]
  } catch (error) {
    // JSON.parse quotes what it stumbled over, which may be a key.
    const why = error instanceof SyntaxError ? 'is not JSON' : (error as Error).message
    return fail([`EDIGW_CONNECTIONS: ${file}: ${why}`])
  }
  if (!checkConnections(list)) {
    return fail(
      (checkConnections.errors ?? []).map(
        (error) => `${file} ${error.instancePath || '/'} ${told(error, undefined, true)}`,
      ),
    )
  }
  const twice = list.find((c, i) => list.findIndex((other) => other.id === c.id) !== i)
  if (twice) return fail([`${file} has two connections with the id ${twice.id}`])
  return list
}

const readTls = (env: Environment, cwd: string): Pick<Config, 'tls'> => {
  const { EDIGW_TLS_CERTIFICATE: certificate, EDIGW_TLS_KEY: key } = env
  if (certificate === undefined && key === undefined) return {}
  if (certificate === undefined || key === undefined)
    return fail(['EDIGW_TLS_CERTIFICATE and EDIGW_TLS_KEY belong together; one is missing'])
  return { tls: { certificate: resolve(cwd, certificate), key: resolve(cwd, key) } }
}

/**
 * Reads and checks all settings. Relative paths start at `cwd`. Throws EnvironmentError that names every wrong setting;
 * the text never holds a secret.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd = process.cwd(),
): Config {
  const e = readEnvironment(env)
  const data = resolve(cwd, e.EDIGW_DATA)
  const agreements = e.EDIGW_AGREEMENTS
  return {
    ...(e.DATABASE_URL === undefined ? {} : { databaseUrl: e.DATABASE_URL }),
    ...(e.REDIS_URL === undefined ? {} : { redisUrl: e.REDIS_URL }),
    host: e.HOST,
    port: e.PORT,
    ...readTls(e, cwd),
    data,
    agreements: agreements === undefined ? join(data, 'agreements') : resolve(cwd, agreements),
    ...(e.EDIGW_PUBLIC_URL === undefined
      ? {}
      : { publicUrl: e.EDIGW_PUBLIC_URL.replace(/\/+$/, '') }),
    ...(e.EDIGW_SFTP_PORT === undefined
      ? {}
      : {
          sftp: {
            host: e.EDIGW_SFTP_HOST ?? e.HOST,
            port: e.EDIGW_SFTP_PORT,
            idleMs: e.EDIGW_SFTP_IDLE_SECONDS * 1000,
          },
        }),
    ...(e.EDIGW_MASTER_KEY === undefined
      ? {}
      : { masterKey: Buffer.from(e.EDIGW_MASTER_KEY, 'base64') }),
    ...(e.EDIGW_MASTER_KEY_PREVIOUS === undefined
      ? {}
      : { previousMasterKey: Buffer.from(e.EDIGW_MASTER_KEY_PREVIOUS, 'base64') }),
    logLevel: e.EDIGW_LOG_LEVEL,
    logFormat: e.EDIGW_LOG_FORMAT,
    connections: readConnections(e, cwd),
    maxInterchangeBytes: e.EDIGW_MAX_INTERCHANGE_BYTES,
    maxAs2Bytes: e.EDIGW_MAX_AS2_BYTES,
    maxJsonBytes: e.EDIGW_MAX_JSON_BYTES,
    slowClientMs: e.EDIGW_SLOW_CLIENT_SECONDS * 1000,
    databasePool: e.EDIGW_DATABASE_POOL,
    drainMs: e.EDIGW_DRAIN_SECONDS * 1000,
    maxBacklog: e.EDIGW_MAX_BACKLOG,
    ...(e.EDIGW_FAULT === undefined ? {} : { fault: e.EDIGW_FAULT }),
  }
}
