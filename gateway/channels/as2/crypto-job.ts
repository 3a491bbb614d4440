// The work on a message that takes processor time, as a function of plain values, so that it can run in another thread:
// opening what was received, sealing what is to be sent.
import { createHash, type KeyObject, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open as openFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Chunks, chunksOf } from './bytes.js'
import type { CipherName, DigestName } from './cms/algorithms.js'
import type { NamedBy } from './cms/certificate-name.js'
import type { KeyTransport } from './cms/key-transport.js'
import { As2Failure, type FailureCode } from './failure.js'
import { type Certificate, type Identity, readCertificate } from './keys/certificate.js'
import type { Report } from './mdn/report.js'
import type { Mic } from './mic.js'
import { Headers } from './mime/headers.js'
import { open, type PayloadMeta } from './open.js'
import { seal, type SealOptions } from './seal.js'

/** Bytes that cross between threads: in memory while they are few, else a file. */
export type Stored = { readonly bytes: Uint8Array } | { readonly file: string }

/** Bytes that a job has written, with their digest. */
export type Kept = Stored & { readonly sha256: Uint8Array; readonly size: number }

/**
 * Memory that may move to the other thread instead of being copied: bytes that fill a buffer of their own. Whoever passes
 * them on does not look at them again.
 */
export function movable(...all: readonly Stored[]): ArrayBuffer[] {
  return all.flatMap((stored) => {
    if (!('bytes' in stored)) return []
    const { buffer, byteLength } = stored.bytes
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : []
  })
}

/** A key of ours; the certificate as DER. */
export interface PlainIdentity {
  readonly certificate: Uint8Array
  readonly privateKey: KeyObject
}

export interface OpenJob {
  readonly kind: 'open'
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Stored
  readonly identities: readonly PlainIdentity[]
  readonly pinned: readonly Uint8Array[]
  readonly allowSha1: boolean
  readonly allowTripleDes: boolean
  readonly micDigest: DigestName
  readonly maxBytes: number
  /** Folder for payloads that are large. */
  readonly folder: string
}

/** Certificates are named by their fingerprint. */
export type OpenResult =
  | {
      readonly ok: true
      readonly encrypted: { cipher: CipherName; transport: KeyTransport; by: string } | undefined
      readonly signed: { digest: DigestName; scheme: 'rsa' | 'pss'; by: string } | undefined
      readonly compressed: boolean
      readonly mic: Mic
      readonly payloads: readonly (PayloadMeta & { readonly payload: Kept })[]
      readonly report: Report | undefined
      /** Of a receipt: the body of the job again. */
      readonly raw?: Stored
    }
  | {
      readonly ok: false
      readonly code: FailureCode
      /** For the log: what was wrong, down to the first cause. */
      readonly detail: string
    }

export interface SealJob {
  readonly kind: 'seal'
  readonly payloads: readonly { content: Stored; contentType: string; fileName?: string }[]
  readonly compress?: 'before-signing' | 'after-signing'
  readonly sign?: {
    readonly by: PlainIdentity
    readonly digest: DigestName
    readonly scheme: 'rsa' | 'pss'
    readonly form: 'detached' | 'opaque'
    readonly signingTime: Date
  }
  readonly encrypt?: {
    readonly recipient: Uint8Array
    readonly cipher: CipherName
    readonly transport: KeyTransport
    readonly recipientId: NamedBy
  }
  readonly micDigest: DigestName
  readonly folder: string
}

export interface SealResult {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Kept
  readonly mic: Mic
}

export type CryptoJob = OpenJob | SealJob
export type ResultOf<J extends CryptoJob> = J extends OpenJob ? OpenResult : SealResult

/** More than this goes to disk. */
const MEMORY_BYTES = 1 << 20

/** The bytes in a job, and those in its result. */
export const bytesOfJob = (job: CryptoJob): Stored[] =>
  job.kind === 'open' ? [job.body] : job.payloads.map(({ content }) => content)
export const bytesOfResult = (result: OpenResult | SealResult): Stored[] =>
  'body' in result
    ? [result.body]
    : result.ok
      ? [...result.payloads.map(({ payload }) => payload), ...(result.raw ? [result.raw] : [])]
      : []

/** Does a job. Rejects only for what is wrong with us (disk, memory); a bad message is a result. */
export async function perform<J extends CryptoJob>(job: J): Promise<ResultOf<J>>
export async function perform(job: CryptoJob): Promise<OpenResult | SealResult> {
  return job.kind === 'open' ? performOpen(job) : performSeal(job)
}

async function performOpen(job: OpenJob): Promise<OpenResult> {
  try {
    const opened = await open<Kept>(
      { headers: new Headers(job.headers), body: () => read(job.body) },
      {
        ...job,
        identities: job.identities.map(identity),
        pinned: job.pinned.map(certificate),
        store: (content) => keep(content, job.folder),
        discard,
      },
    )
    const { encrypted, signed } = opened
    return {
      ...opened,
      ...(opened.report === undefined ? {} : { raw: job.body }),
      ok: true,
      encrypted: encrypted && {
        cipher: encrypted.cipher,
        transport: encrypted.transport,
        by: encrypted.certificate!.fingerprint,
      },
      signed: signed && {
        digest: signed.digest,
        scheme: signed.scheme,
        by: signed.certificate.fingerprint,
      },
    }
  } catch (error) {
    if (!(error instanceof As2Failure)) throw error
    const causes: string[] = []
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      if (!causes.includes(at.message)) causes.push(at.message)
    return { ok: false, code: error.code, detail: causes.join(': ') }
  }
}

async function performSeal(job: SealJob): Promise<SealResult> {
  const staged: Kept[] = []
  const options: SealOptions = {
    micDigest: job.micDigest,
    ...(job.compress === undefined ? {} : { compress: job.compress }),
    ...(job.sign === undefined ? {} : { sign: { ...job.sign, signer: identity(job.sign.by) } }),
    ...(job.encrypt === undefined
      ? {}
      : { encrypt: { ...job.encrypt, recipients: [certificate(job.encrypt.recipient)] } }),
    stage: async (chunks) => {
      const kept = await keep(chunks, job.folder)
      staged.push(kept)
      return { size: kept.size, chunks: read(kept) }
    },
  }
  try {
    const payloads = job.payloads.map((payload) => ({ ...payload, content: read(payload.content) }))
    const sealed = seal(payloads, options)
    const body = await keep(sealed.body, job.folder)
    return { headers: sealed.headers, body, mic: sealed.mic() }
  } finally {
    for (const kept of staged) await discard(kept)
  }
}

/** The bytes again, as often as asked for. */
export function read(stored: Stored): Chunks {
  return 'file' in stored
    ? createReadStream(stored.file, { highWaterMark: 65_536 })
    : chunksOf(stored.bytes)
}

/** Takes a stream to its end, hashing it; a file that cannot be finished is removed. */
export async function keep(chunks: Chunks, folder: string): Promise<Kept> {
  const hash = createHash('sha256')
  let size = 0
  let held: Uint8Array[] = []
  let file: { path: string; handle: Awaited<ReturnType<typeof openFile>> } | undefined
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      held.push(chunk)
      if (size <= MEMORY_BYTES) continue
      if (file === undefined) {
        const path = join(folder, randomUUID())
        file = { path, handle: await openFile(path, 'wx', 0o600) }
      }
      for (const part of held) await file.handle.appendFile(part)
      held = []
    }
  } catch (error) {
    await file?.handle.close()
    if (file !== undefined) await rm(file.path)
    throw error
  }
  const digest = { sha256: hash.digest(), size }
  if (file === undefined) return { bytes: Buffer.concat(held), ...digest }
  await file.handle.close()
  return { file: file.path, ...digest }
}

export async function discard(stored: Stored): Promise<void> {
  if ('file' in stored) await rm(stored.file, { force: true })
}

// Certificates are parsed once per thread; a key is bound to its certificate by the caller.
const certificates = new Map<string, Certificate>()
const identities = new Map<string, Identity>()
const MAX_CACHED = 1000

function certificate(der: Uint8Array): Certificate {
  const key = createHash('sha256').update(der).digest('hex')
  const known = certificates.get(key) ?? readCertificate(Buffer.from(der))
  if (certificates.size >= MAX_CACHED) certificates.clear()
  certificates.set(key, known)
  return known
}

function identity({ certificate: der, privateKey }: PlainIdentity): Identity {
  const own = certificate(der)
  const known = identities.get(own.fingerprint)
  if (known !== undefined) return known
  if (identities.size >= MAX_CACHED) identities.clear()
  const made = { certificate: own, privateKey }
  identities.set(own.fingerprint, made)
  return made
}
