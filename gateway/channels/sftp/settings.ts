// What is agreed with a partner about SFTP: an account to log in to us with, or a server we log in to.
import { Type, type Static } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'

const choice = <const T extends readonly string[]>(
  list: T,
  options: { default?: T[number] } = {},
) => Type.Unsafe<T[number]>({ type: 'string', enum: [...list], ...options })
const patterns = (preset: string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 50, default: preset })
const folderPath = Type.String({ pattern: '^(/[^/\\\\\\x00-\\x1f]{1,100}){1,5}$' })

/** Names of files that are not complete yet, as common clients choose them. */
export const TEMPORARY = ['*.tmp', '*.part', '*.filepart', '*.partial', '*.uploading', '.*', '~*']

/** A folder an account sees. What may be done in it follows from its use; `rights` replaces that. */
export const ServedFolder = object({
  path: folderPath,
  use: choice(['in', 'out', 'archive'] as const),
  rights: Type.Optional(
    Type.Array(choice(['list', 'read', 'write', 'remove'] as const), { uniqueItems: true }),
  ),
})

/** Settings of an account of our server. */
export const AccountSettings = object({
  folders: Type.Array(ServedFolder, {
    minItems: 1,
    maxItems: 50,
    default: [
      { path: '/in', use: 'in' },
      { path: '/out', use: 'out' },
      { path: '/archive', use: 'archive' },
    ],
  }),
  /**
   * When an upload is complete: when it is closed under a name that is not temporary (default), only when it is
   * renamed, or when the file `<name><doneSuffix>` follows it.
   */
  publish: choice(['close', 'rename', 'done'] as const, { default: 'close' }),
  doneSuffix: Type.String({ minLength: 1, maxLength: 20, default: '.done' }),
  temporary: patterns(TEMPORARY),
  maxFileBytes: Type.Integer({ minimum: 1, default: 314_572_800 }),
  /** Bytes of uploads that are not complete, all together. */
  maxStagedBytes: Type.Integer({ minimum: 1, default: 1_073_741_824 }),
  /** Bytes of all that lies in folders of use `in` and `out`, and of uploads in progress; absent: no such limit. */
  quotaBytes: Type.Optional(Type.Integer({ minimum: 1 })),
  maxSessions: Type.Integer({ minimum: 1, maximum: 100, default: 8 }),
  /** Addresses or networks (`203.0.113.0/24`) the account may come from; absent: any. */
  allowFrom: Type.Optional(Type.Array(Type.String({ minLength: 2 }), { minItems: 1 })),
  /** A fetched file stays until it is removed (default), or moves to the archive at once. */
  afterFetch: choice(['keep', 'archive'] as const, { default: 'keep' }),
  archiveDays: Type.Integer({ minimum: 0, default: 30 }),
  /** A file not fetched for so long is reported as overdue. */
  fetchWithinHours: Type.Integer({ minimum: 1, default: 24 }),
  /** An upload that was broken off can be resumed for so long. */
  resumeHours: Type.Integer({ minimum: 1, default: 72 }),
  /** Allows `ssh-rsa` signatures (SHA-1) of clients from before 2016. */
  legacyAlgorithms: Type.Boolean({ default: false }),
})
export type AccountSettings = Static<typeof AccountSettings>
export type ServedFolder = Static<typeof ServedFolder>

/** Settings of a server we log in to. */
export const ConnectionSettings = object({
  host: Type.String({ minLength: 1, maxLength: 253 }),
  port: Type.Integer({ minimum: 1, maximum: 65535, default: 22 }),
  user: Type.String({ minLength: 1, maxLength: 200 }),
  /** Keys the server may show: `SHA256:…` fingerprints or whole public keys. Several: for a change of keys. */
  hostKeys: Type.Array(Type.String({ minLength: 20 }), { minItems: 1, maxItems: 10 }),
  /** Replaces what ssh2 offers, for old servers. */
  algorithms: Type.Optional(
    object({
      kex: Type.Optional(Type.Array(Type.String())),
      cipher: Type.Optional(Type.Array(Type.String())),
      serverHostKey: Type.Optional(Type.Array(Type.String())),
      hmac: Type.Optional(Type.Array(Type.String())),
    }),
  ),
  timeoutSeconds: Type.Integer({ minimum: 1, default: 30 }),
  /** What is fetched; absent: nothing. */
  fetch: Type.Optional(
    object({
      folder: Type.String({ minLength: 1 }),
      /** Seconds between two polls. */
      every: Type.Integer({ minimum: 5, default: 60 }),
      /** Names to fetch, to leave alone, and of files that are still being written. */
      include: patterns(['*']),
      exclude: patterns([]),
      temporary: patterns(TEMPORARY),
      ignoreCase: Type.Boolean({ default: false }),
      /** A file is taken only when `<name><doneSuffix>` is there; both go together afterwards. */
      doneSuffix: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
      /** Listings with equal size and time before a file is taken. 0 takes it at once. */
      stable: Type.Integer({ minimum: 0, maximum: 100, default: 1 }),
      after: choice(['remove', 'move', 'keep'] as const, { default: 'remove' }),
      /** For `move`: folder on the server. */
      archive: Type.Optional(Type.String({ minLength: 1 })),
      maxFileBytes: Type.Integer({ minimum: 1, default: 314_572_800 }),
      /** Files one poll takes. */
      maxFiles: Type.Integer({ minimum: 1, default: 1000 }),
    }),
  ),
  /** How files are put; the folder is the agreement's, or this one. */
  put: Type.Object(
    {
      folder: Type.String({ minLength: 1, default: '.' }),
      /** `direct` for servers that take a file away as soon as it is there or refuse renames. */
      way: choice(['rename', 'direct'] as const, { default: 'rename' }),
      temporarySuffix: Type.String({ minLength: 1, maxLength: 20, default: '.tmp' }),
      doneSuffix: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
    },
    { additionalProperties: false, default: {} },
  ),
})
export type ConnectionSettings = Static<typeof ConnectionSettings>

/** An agreement's channel settings: the connection to put to, or the account to lay it out for. */
export const SftpAddress = Type.Object(
  {
    connection: Type.Optional(Type.String({ minLength: 1 })),
    account: Type.Optional(Type.String({ minLength: 1 })),
    folder: Type.Optional(Type.String({ minLength: 1 })),
  },
  {
    additionalProperties: false,
    oneOf: [{ required: ['connection'] }, { required: ['account'] }],
  },
)
export type SftpAddress = Static<typeof SftpAddress>
