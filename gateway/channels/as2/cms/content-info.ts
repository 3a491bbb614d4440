// The outermost CMS structure: which content type follows (RFC 5652 §3).
import { BerStream } from '../asn1/stream.js'
import { oidText, parse } from '../asn1/tree.js'
import { context, TAG } from '../asn1/tags.js'
import type { ByteSource } from '../bytes.js'
import { Malformed } from '../failure.js'

/** Enters ContentInfo; the reader then stands before the content, `type` is its object identifier. */
export async function enterContentInfo(
  source: ByteSource,
): Promise<{ type: string; ber: BerStream }> {
  const ber = new BerStream(source)
  await ber.enter(TAG.sequence, 'ContentInfo')
  const type = oidText(parse(await ber.element(64, 'content type')))
  await ber.enter(context(0), 'content')
  return { type, ber }
}

/** Content type of the CMS structure that follows, without taking anything; undefined when there is none. */
export async function peekContentType(source: ByteSource): Promise<string | undefined> {
  const head = await source.ahead(48)
  const lengthBytes = head[1]! > 0x80 ? head[1]! & 0x7f : 0
  const at = 2 + lengthBytes
  if (head[0] !== TAG.sequence || head[at] !== TAG.oid) return undefined
  const id = head.subarray(at, at + 2 + (head[at + 1] ?? 0))
  try {
    return oidText(parse(id))
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Leaves what `enterContentInfo` entered. Bytes after it are left alone: transports pad. */
export async function leaveContentInfo(ber: BerStream): Promise<void> {
  await ber.leave('content')
  await ber.leave('ContentInfo')
}
