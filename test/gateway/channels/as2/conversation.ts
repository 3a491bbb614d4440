// One side of an AS2 conversation for tests: what it received, opened with payloads kept in memory.
import { type Chunks, chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import { type OpenOptions, open } from '../../../../gateway/channels/as2/open.js'
import { Headers } from '../../../../gateway/channels/as2/mime/headers.js'
import type { Sealed } from '../../../../gateway/channels/as2/seal.js'
import { all } from './chunks.js'

export type Side = Pick<OpenOptions<Buffer>, 'identities' | 'pinned'>

/** Payloads that are still kept: a message that fails must leave none. */
export class Quarantine {
  readonly kept = new Set<Buffer>()

  async store(content: Chunks): Promise<Buffer> {
    const bytes = await all(content)
    this.kept.add(bytes)
    return bytes
  }

  async discard(payload: Buffer): Promise<void> {
    this.kept.delete(payload)
  }
}

/** Opens a message; when it fails, checks that no payload of it was left behind. */
export async function receive(
  side: Side,
  headers: Sealed['headers'],
  body: () => Chunks,
  options: Partial<OpenOptions<Buffer>> = {},
) {
  const quarantine = new Quarantine()
  try {
    return await open(
      { headers: new Headers(headers), body },
      {
        ...side,
        micDigest: 'sha256',
        maxBytes: 1e9,
        allowSha1: true,
        allowTripleDes: true,
        store: (content) => quarantine.store(content),
        discard: (payload) => quarantine.discard(payload),
        ...options,
      },
    )
  } catch (error) {
    if (quarantine.kept.size > 0) throw new Error('payloads were left behind', { cause: error })
    throw error
  }
}

/** A sealed message read to its end. */
export async function sent(sealed: Sealed) {
  const body = await all(sealed.body)
  return { headers: sealed.headers, body, mic: sealed.mic() }
}

/** A message written by hand: header lines, an empty line, body. */
export function written(text: string): { headers: [string, string][]; body: () => Chunks } {
  const bytes = Buffer.from(text, 'latin1')
  const end = bytes.indexOf('\r\n\r\n')
  const lines = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { headers, body: () => chunksOf(bytes.subarray(end + 4)) }
}
