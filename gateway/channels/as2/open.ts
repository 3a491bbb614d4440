// A received message taken apart in one pass over its bytes: decrypted, verified, decompressed, its payloads handed on
// and its MIC computed. What is handed on stays in quarantine until `open` returns; it throws for everything that is
// wrong, and then has discarded what it had handed on. No policy is decided here (receive.ts does).
import { createHash } from 'node:crypto'
import { ByteSource, type Chunks, gather, tap } from './bytes.js'
import { DIGEST_NAMES, DIGESTS, type DigestName, OID } from './cms/algorithms.js'
import { decompress } from './cms/compressed-data.js'
import { peekContentType } from './cms/content-info.js'
import { AttributesFirst, decrypt, type Decrypted } from './cms/decrypt.js'
import { readDetached, readOpaque, type Signer } from './cms/signed-data.js'
import { type Verified, verify } from './cms/verify.js'
import { As2Failure, Malformed } from './failure.js'
import type { Certificate, Identity } from './keys/certificate.js'
import { readReport, type Report } from './mdn/report.js'
import { digestsNamed, type Mic } from './mic.js'
import { type FileName, fileNameOf } from './mime/filename.js'
import { type Headers, readHeaders } from './mime/headers.js'
import { splitParts } from './mime/multipart.js'
import { type Parameterized, readParameters } from './mime/parameters.js'
import { decodeTransfer } from './mime/transfer.js'

/** What the sender says about a payload. */
export interface PayloadMeta {
  /** Media type in lower case, without parameters. */
  readonly contentType: string
  readonly fileName: FileName | undefined
}

export interface OpenOptions<P> {
  /** Our keys to decrypt with; during a roll-over several. */
  identities: readonly Identity[]
  /** The partner's certificates that may sign now. */
  pinned: readonly Certificate[]
  allowSha1?: boolean
  allowTripleDes?: boolean
  /** Digest of the MIC of an unsigned message. */
  micDigest: DigestName
  /** Most payload bytes, also after decompression. */
  maxBytes: number
  /** Takes one payload to a place where nobody reads it yet. */
  store(content: Chunks, meta: PayloadMeta): Promise<P>
  /** Removes a payload of a message that turned out bad. */
  discard(payload: P): Promise<void>
}

/** A message as it came over HTTP; `body` may be called again for another pass. */
export interface Received {
  readonly headers: Headers
  body(): Chunks
}

export interface Opened<P> {
  readonly encrypted: Omit<Decrypted, 'content'> | undefined
  readonly signed: Verified | undefined
  readonly compressed: boolean
  readonly mic: Mic
  readonly payloads: readonly (PayloadMeta & { readonly payload: P })[]
  /** Set when the message is a receipt; it then has no payloads. */
  readonly report: Report | undefined
}

const MAX_PARTS = 100
const MAX_NESTING = 5
const MAX_SIGNATURE = 64 * 1024

/** Opens a message. Throws As2Failure for a bad one; any other error is ours (disk, memory). */
export async function open<P>(message: Received, options: OpenOptions<P>): Promise<Opened<P>> {
  // Rarely a second pass: a digest or attributes that the first one could not know in time.
  let known: Known = {}
  for (;;) {
    const pass = new Pass(options, known)
    try {
      return await pass.run(message)
    } catch (error) {
      await pass.discard()
      if (error instanceof Malformed)
        throw new As2Failure('unexpected-processing-error', error.message, { cause: error })
      if (!(error instanceof Again)) throw error
      known = { ...known, ...error.known }
    }
  }
}

/** What a pass can only know from the end of the bytes. */
interface Known {
  readonly digest?: DigestName
  readonly attributes?: Buffer
}

class Again extends Error {
  readonly known: Known

  constructor(known: Known) {
    super('another pass is needed')
    this.known = known
  }
}

class Pass<P> {
  readonly #options: OpenOptions<P>
  readonly #known: Known
  readonly #payloads: (PayloadMeta & { payload: P })[] = []
  #encrypted: Omit<Decrypted, 'content'> | undefined
  #signed: Verified | undefined
  #insideSignature = false
  #compressed = false
  #mic: Mic | undefined
  #report: Report | undefined
  #bytes = 0
  #parts = 0

  constructor(options: OpenOptions<P>, known: Known) {
    this.#options = options
    this.#known = known
  }

  async run({ headers, body }: Received): Promise<Opened<P>> {
    const source = new ByteSource(body())
    await this.#entity(source, headers, undefined)
    await source.drain()
    return {
      encrypted: this.#encrypted,
      signed: this.#signed,
      compressed: this.#compressed,
      mic: this.#mic!,
      payloads: this.#payloads,
      report: this.#report,
    }
  }

  async discard(): Promise<void> {
    for (const { payload } of this.#payloads.splice(0)) await this.#options.discard(payload)
  }

  /** One layer or the content. `raw` is the header block inside a layer, undefined for HTTP headers. */
  async #entity(source: ByteSource, headers: Headers, raw: Buffer | undefined): Promise<void> {
    const type = readParameters(headers.get('content-type') ?? 'application/octet-stream')
    if (type.value === 'multipart/signed') return this.#verifyDetached(source, type)
    if (/^application\/(x-)?pkcs7-mime$/.test(type.value)) {
      const encoding = headers.get('content-transfer-encoding')
      return this.#cms(new ByteSource(decodeTransfer(source.rest(), encoding)), type)
    }
    return this.#content(source, headers, type, raw)
  }

  /** The type says what a CMS layer is, the bytes must agree: a lie about it could make two readers see two messages. */
  async #cms(source: ByteSource, type: Parameterized): Promise<void> {
    const oid = await peekContentType(source)
    const said = type.parameters.get('smime-type')?.toLowerCase()
    const layer = CMS_LAYERS.find((known) => known.oids.includes(oid ?? ''))
    if (layer === undefined || (said !== undefined && !layer.types.includes(said)))
      throw new As2Failure(
        said?.includes('enveloped') ? 'decryption-failed' : 'unexpected-processing-error',
        `${said ?? 'CMS content'} expected, ${oid ?? 'something else'} found`,
      )
    switch (layer.kind) {
      case 'enveloped':
        return this.#decrypt(source)
      case 'signed':
        return this.#verifyOpaque(source)
      case 'compressed':
        return this.#decompress(source)
    }
  }

  async #decrypt(source: ByteSource): Promise<void> {
    if (this.#encrypted !== undefined || this.#insideSignature || this.#compressed)
      throw new Malformed('encryption inside another layer', 0)
    const { attributes } = this.#known
    const decrypted = await decrypt(source, {
      ...this.#options,
      ...(attributes === undefined ? {} : { attributes }),
    }).catch((error: unknown) => {
      if (error instanceof Malformed) throw new As2Failure('decryption-failed', error.message)
      throw error
    })
    const { content, ...encrypted } = decrypted
    this.#encrypted = encrypted
    const failure = await this.#inside(content).catch((error: unknown) => {
      throw error instanceof AttributesFirst ? new Again({ attributes: error.attributes }) : error
    })
    if (failure === undefined) return
    // Without a proof that nobody changed the ciphertext, saying what is wrong with its content would help whoever
    // changes it bit by bit to decrypt it (EFAIL, Vaudenay): one answer for all of it.
    if (encrypted.authenticated || this.#signed !== undefined) throw failure
    throw new As2Failure('decryption-failed', failure.message, { cause: failure })
  }

  async #decompress(source: ByteSource): Promise<void> {
    if (this.#compressed) throw new As2Failure('decompression-failed', 'compressed twice')
    this.#compressed = true
    const failure = await this.#inside(decompress(source, this.#options))
    if (failure !== undefined) throw failure
  }

  async #verifyDetached(source: ByteSource, type: Parameterized): Promise<void> {
    this.#enterSignature()
    const protocol = type.parameters.get('protocol')?.toLowerCase()
    if (!/^application\/(x-)?pkcs7-signature$/.test(protocol ?? ''))
      throw new Malformed(`signature protocol ${protocol ?? '(none)'} is not supported`, 0)
    const hashes = this.#hashes(digestsNamed(type.parameters.get('micalg') ?? ''))
    let failure: Error | undefined
    let signers: Signer[] | undefined
    let count = 0
    for await (const part of splitParts(source, type.parameters.get('boundary'))) {
      count++
      if (count === 1) failure = await this.#inside(tap(part, hashes.update))
      else if (count === 2) signers = await this.#readSignature(part)
      else throw new Malformed('more than two parts in a signed message', 0)
    }
    if (signers === undefined) throw new Malformed('signed message without a signature', 0)
    this.#verify(signers, hashes.digests())
    if (failure !== undefined) throw failure
  }

  async #readSignature(part: Chunks): Promise<Signer[]> {
    const source = new ByteSource(part)
    const { headers } = await readHeaders(source)
    const { value } = readParameters(headers.get('content-type') ?? '')
    if (!/^application\/(x-)?pkcs7-signature$/.test(value))
      throw new Malformed(`signature expected, ${value || 'nothing'} found`, 0)
    const encoding = headers.get('content-transfer-encoding')
    return readDetached(await gather(decodeTransfer(source.rest(), encoding), MAX_SIGNATURE))
  }

  async #verifyOpaque(source: ByteSource): Promise<void> {
    this.#enterSignature()
    const opaque = await readOpaque(source)
    const hashes = this.#hashes(opaque.digests)
    const failure = await this.#inside(tap(opaque.content, hashes.update))
    this.#verify(await opaque.signers(), hashes.digests())
    if (failure !== undefined) throw failure
  }

  #enterSignature(): void {
    if (this.#insideSignature) throw new Malformed('signed twice', 0)
    this.#insideSignature = true
  }

  /** Hashes for the digests announced; when none is known, for all that could be used. */
  #hashes(announced: readonly DigestName[]) {
    const allowed = DIGEST_NAMES.filter((name) => !DIGESTS[name].legacy || this.#options.allowSha1)
    const known = this.#known.digest === undefined ? announced : [this.#known.digest]
    const names = known.length === 0 ? allowed : known
    const hashes = names.map((name) => [name, createHash(name)] as const)
    return {
      update: (bytes: Uint8Array) => hashes.forEach(([, hash]) => hash.update(bytes)),
      digests: () => new Map(hashes.map(([name, hash]) => [name, hash.digest()])),
    }
  }

  #verify(signers: readonly Signer[], digests: ReadonlyMap<DigestName, Buffer>): void {
    const contentDigest = (name: DigestName) => {
      const digest = digests.get(name)
      if (digest === undefined) throw new Again({ digest: name })
      return digest
    }
    this.#signed = verify(signers, contentDigest, this.#options)
    const { digest } = this.#signed
    this.#mic = { digest, value: contentDigest(digest).toString('base64') }
  }

  /**
   * The entity inside a layer. Whatever is wrong in there is returned, not thrown, once the layer has been read to its
   * end: signature and tag cover all of it, and a failure takes the time that success takes.
   */
  async #inside(chunks: Chunks): Promise<Error | undefined> {
    const source = new ByteSource(chunks)
    let failure: Error | undefined
    try {
      const { headers, raw } = await readHeaders(source)
      await this.#entity(source, headers, raw)
    } catch (error) {
      if (!(error instanceof As2Failure || error instanceof Malformed)) throw error
      failure = error
    }
    await source.drain()
    return failure
  }

  /** The content proper: a receipt, several attachments or one payload. */
  async #content(
    source: ByteSource,
    headers: Headers,
    type: Parameterized,
    raw: Buffer | undefined,
  ) {
    const hash = this.#insideSignature ? undefined : createHash(this.#options.micDigest)
    // Unsigned: header and content as they were protected; unprotected, the content alone (RFC 4130 §7.3.1).
    if (raw !== undefined) hash?.update(raw)
    const body = new ByteSource(
      hash === undefined ? source.rest() : tap(source.rest(), (b) => hash.update(b)),
    )
    if (type.value === 'multipart/report')
      this.#report = await readReport(splitParts(body, type.parameters.get('boundary')))
    else await this.#payload(body, headers, type, 0)
    await body.drain()
    if (hash !== undefined)
      this.#mic = { digest: this.#options.micDigest, value: hash.digest('base64') }
  }

  async #payload(source: ByteSource, headers: Headers, type: Parameterized, depth: number) {
    if (++this.#parts > MAX_PARTS) throw new Malformed(`more than ${MAX_PARTS} parts`, 0)
    if (type.value.startsWith('multipart/')) {
      if (depth === MAX_NESTING) throw new Malformed(`parts nested deeper than ${MAX_NESTING}`, 0)
      for await (const part of splitParts(source, type.parameters.get('boundary'))) {
        const inner = new ByteSource(part)
        const { headers: partHeaders } = await readHeaders(inner)
        const partType = readParameters(partHeaders.get('content-type') ?? 'text/plain')
        await this.#payload(inner, partHeaders, partType, depth + 1)
      }
      return
    }
    const decoded = decodeTransfer(source.rest(), headers.get('content-transfer-encoding'))
    const meta = { contentType: type.value, fileName: fileNameOf(headers) }
    const payload = await this.#options.store(
      tap(decoded, (bytes) => this.#count(bytes)),
      meta,
    )
    this.#payloads.push({ ...meta, payload })
  }

  #count(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (this.#bytes > this.#options.maxBytes)
      throw new As2Failure(
        'unexpected-processing-error',
        `more than ${this.#options.maxBytes} bytes`,
      )
  }
}

interface CmsLayer {
  readonly kind: 'enveloped' | 'signed' | 'compressed'
  readonly oids: readonly string[]
  /** `smime-type` values (RFC 8551 §3.2.2, RFC 5402). */
  readonly types: readonly string[]
}

const CMS_LAYERS: readonly CmsLayer[] = [
  {
    kind: 'enveloped',
    oids: [OID.envelopedData, OID.authEnvelopedData],
    types: ['enveloped-data', 'authenveloped-data', 'auth-enveloped-data'],
  },
  { kind: 'signed', oids: [OID.signedData], types: ['signed-data'] },
  { kind: 'compressed', oids: [OID.compressedData], types: ['compressed-data'] },
]
