// CompressedData (RFC 3274, zlib), both ways. A reader of compressed bytes is told by the sender how much to write, so
// what comes out is counted against a limit and against what went in.
import { once } from 'node:events'
import { types } from 'node:util'
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib'
import { oidText, parse, smallInteger } from '../asn1/tree.js'
import { context, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { type ByteSource, type Chunks, coalesce, tap } from '../bytes.js'
import { As2Failure, Malformed } from '../failure.js'
import { algorithm, OID, readAlgorithm } from './algorithms.js'
import { enterContentInfo, leaveContentInfo } from './content-info.js'

export interface InflateLimits {
  /** Most bytes that may come out. */
  maxBytes: number
  /** Most bytes out per byte in, looked at beyond 10 MB (default 200). */
  maxRatio?: number
}

const RATIO_FROM = 10 * 1024 * 1024

/** The uncompressed content. Throws As2Failure `decompression-failed` for anything that is wrong with it. */
export async function* decompress(
  source: ByteSource,
  limits: InflateLimits,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    const { type, ber } = await enterContentInfo(source)
    if (type !== OID.compressedData)
      throw new Malformed(`compressed data expected, content type ${type} found`, 0)
    await ber.enter(TAG.sequence, 'compressed data')
    smallInteger(parse(await ber.element(16, 'version')))
    const method = readAlgorithm(parse(await ber.element(64, 'compression algorithm')))
    if (method.oid !== OID.zlib)
      throw new Malformed(`compression ${method.oid} is not supported`, 0)
    await ber.enter(TAG.sequence, 'encapsulated content')
    if (oidText(parse(await ber.element(64, 'content type'))) !== OID.data)
      throw new Malformed('compressed content is not plain data', source.position)
    await ber.enter(context(0), 'content')

    yield* inflate(ber.octets(TAG.octetString, 'compressed content'), limits)
    await ber.leave('content')
    await ber.leave('encapsulated content')
    await ber.leave('compressed data')
    await leaveContentInfo(ber)
  } catch (error) {
    if (error instanceof Malformed || isZlibError(error))
      throw new As2Failure('decompression-failed', error.message, { cause: error })
    throw error
  }
}

async function* inflate(chunks: Chunks, { maxBytes, maxRatio = 200 }: InflateLimits) {
  let bytesIn = 0
  let bytesOut = 0
  const counted = tap(chunks, (part) => (bytesIn += part.length))
  for await (const part of through(counted, createInflate())) {
    bytesOut += part.length
    if (bytesOut > maxBytes)
      throw new As2Failure('decompression-failed', `more than ${maxBytes} bytes uncompressed`)
    if (bytesOut > RATIO_FROM && bytesOut > bytesIn * maxRatio)
      throw new As2Failure('decompression-failed', `expands more than ${maxRatio} times`)
    yield part
  }
}

/** CompressedData around the content, in indefinite lengths: its size is not known before. */
export async function* compress(content: Chunks): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.concat([
    der.indefinite(TAG.sequence),
    der.oid(OID.compressedData),
    der.indefinite(context(0)),
    der.indefinite(TAG.sequence),
    der.integer(0),
    algorithm(OID.zlib),
    der.indefinite(TAG.sequence),
    der.oid(OID.data),
    der.indefinite(context(0)),
    der.indefinite(TAG.octetStringConstructed),
  ])
  const deflate = createDeflate({ level: constants.Z_DEFAULT_COMPRESSION })
  for await (const part of coalesce(through(content, deflate))) {
    yield der.header(TAG.octetString, part.length)
    yield part
  }
  yield Buffer.concat(Array<Buffer>(7).fill(der.END))
}

/** Feeds chunks to a zlib stream and yields what comes out; an error on either side ends the other. */
async function* through(chunks: Chunks, zlib: Inflate | Deflate) {
  let fed = false
  const closed = new Promise((resolve) => zlib.once('close', resolve))
  const feeding = feed().catch((error: unknown) => zlib.destroy(error as Error))
  try {
    for await (const part of zlib) yield part as Buffer
    // zlib stops reading at the end of its stream; what is left would be lost unseen.
    if (!fed) throw new Malformed('bytes after the compressed data', 0)
  } finally {
    zlib.destroy()
    await feeding
  }

  async function feed(): Promise<void> {
    for await (const part of chunks) {
      if (!zlib.write(part)) await Promise.race([once(zlib, 'drain'), closed])
      if (zlib.destroyed) return
    }
    fed = true
    zlib.end()
  }
}

function isZlibError(error: unknown): error is Error {
  return types.isNativeError(error) && 'code' in error && String(error.code).startsWith('Z_')
}
