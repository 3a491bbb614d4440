// Seeded damage to AS2 messages, and what must hold for every damaged one: it opens or it fails as a message fails,
// nothing else escapes, nothing hangs, and what counts as signed is what was signed.
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import type { CipherName } from '../../../../gateway/channels/as2/cms/algorithms.js'
import { buildReceipt } from '../../../../gateway/channels/as2/mdn/build.js'
import { seal, type SealOptions } from '../../../../gateway/channels/as2/seal.js'
import { seeded } from '../../../seeded.js'
import { cut } from './chunks.js'
import { receive, sent, type Side } from './conversation.js'
import { identity } from './identities.js'

interface Sample {
  readonly name: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

const signingTime = new Date('2026-01-02T03:04:05Z')
const content = Buffer.from("UNB+UNOC:3+SUPPLIER+RETAIL+260102:0304+1'\r\n".repeat(12))

/** Messages of every kind; those with an encryption last, because opening them costs an RSA operation each. */
export async function samples(): Promise<{ side: Side; plain: Sample[]; encrypted: Sample[] }> {
  const us = await identity('Example Retail')
  const partner = await identity('Example Supplier')
  const sign = { signer: partner, digest: 'sha256' as const, signingTime }
  const to = (cipher: CipherName) => ({
    recipients: [us.certificate],
    cipher,
    transport: 'rsa' as const,
  })
  const make = async (name: string, options: SealOptions, count = 1): Promise<Sample> => {
    const payloads = Array.from({ length: count }, (_, n) => ({
      content: chunksOf(content),
      contentType: 'application/edifact',
      fileName: `bestellung ä ${n}.edi`,
    }))
    const { headers, body } = await sent(seal(payloads, options))
    return { name, headers, body }
  }
  const receipt = await buildReceipt({
    as2From: 'RETAIL',
    as2To: 'Example Supplier',
    originalMessageId: '<1@retail.example>',
    messageId: '<2@supplier.example>',
    date: signingTime,
    mic: { digest: 'sha256', value: 'AAAA' },
    text: 'received',
    sign,
  })
  return {
    side: { identities: [us], pinned: [partner.certificate] },
    plain: [
      await make('signed', { sign }),
      await make('signed, opaque', { sign: { ...sign, form: 'opaque' } }),
      await make('compressed, signed', { compress: 'before-signing', sign }),
      await make('signed, compressed', { compress: 'after-signing', sign }),
      await make('compressed', { compress: 'before-signing' }),
      await make('attachments', { sign }, 3),
      { name: 'receipt', ...receipt },
    ],
    encrypted: [
      await make('encrypted', { sign, encrypt: to('aes128-cbc') }),
      await make('encrypted, GCM', { compress: 'before-signing', sign, encrypt: to('aes256-gcm') }),
    ],
  }
}

/** One to four random changes: bits, bytes, lengths, cuts, repeats, pieces of itself. */
export function damaged(original: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(original)
  const below = (limit: number) => Math.floor(random() * limit)
  for (let left = 1 + below(4); left > 0 && bytes.length > 0; left--) {
    const at = below(bytes.length)
    const size = 1 + below(Math.min(40, bytes.length - at))
    switch (below(8)) {
      case 0:
        bytes[at]! ^= 1 << below(8)
        break
      case 1:
        bytes[at] = [0x00, 0x80, 0xff, 0x30, 0x24, 0x0a, 0x0d, 0x2d][below(8)]!
        break
      case 2:
        bytes[at] = below(256)
        break
      case 3:
        bytes = bytes.subarray(0, at)
        break
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)])
        break
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at + size), bytes.subarray(at)])
        break
      case 6: {
        const from = below(original.length)
        const piece = original.subarray(from, from + size)
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
        break
      }
      case 7:
        bytes.fill(below(256), at, at + size)
        break
    }
  }
  return bytes
}

/** What a run of mutations found. */
export interface Findings {
  opened: number
  failed: number
  /** Milliseconds of the slowest message. */
  slowestMs: number
}

/**
 * Opens `count` damaged messages. Rejects on the first one that breaks a rule, with the message itself: keys are new in
 * every run, so the seed alone does not make it again.
 */
export async function fuzz(seed: number, count: number, encryptedShare = 0.1): Promise<Findings> {
  const { side, plain, encrypted } = await samples()
  const random = seeded(seed)
  const findings: Findings = { opened: 0, failed: 0, slowestMs: 0 }
  for (let number = 0; number < count; number++) {
    const kinds = random() < encryptedShare ? encrypted : plain
    const sample = kinds[Math.floor(random() * kinds.length)]!
    const onHeader = random() < 0.05
    const headers = onHeader ? damagedHeaders(sample, random) : sample.headers
    const body = onHeader ? sample.body : damaged(sample.body, random)
    const size = 1 + Math.floor(random() * body.length)
    const start = performance.now()
    try {
      const opened = await receive(side, headers, () => cut(body, size), { maxBytes: 1e6 })
      findings.opened++
      if (opened.signed !== undefined && !opened.payloads.every((p) => p.payload.equals(content)))
        throw new Error('content that was not signed counts as signed')
    } catch (error) {
      if ((error as Error).name !== 'As2Failure')
        throw new Error(
          `message ${number} of seed ${seed} (${sample.name}): ${JSON.stringify(headers)} ${body.toString('base64')}`,
          { cause: error },
        )
      findings.failed++
    }
    findings.slowestMs = Math.max(findings.slowestMs, performance.now() - start)
  }
  return findings
}

function damagedHeaders({ headers }: Sample, random: () => number): [string, string][] {
  return headers.map(([name, value]) => [
    name,
    random() < 0.5 ? value : damaged(Buffer.from(value), random).toString('latin1'),
  ])
}
