// Messages sealed by one side and opened by the other: every combination of layers, and the MIC both compute.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import type { CipherName, DigestName } from '../../../../gateway/channels/as2/cms/algorithms.js'
import type { KeyTransport } from '../../../../gateway/channels/as2/cms/key-transport.js'
import { seal, type SealOptions } from '../../../../gateway/channels/as2/seal.js'
import { seeded } from '../../../seeded.js'
import { all, cut, cutAt } from './chunks.js'
import { receive, sent, type Side, written } from './conversation.js'
import { identity, type TestIdentity } from './identities.js'

let us: TestIdentity
let partner: TestIdentity
let receiver: Side
const signingTime = new Date('2026-01-02T03:04:05Z')
const edi = Buffer.from('ISA*00*          *00*          *ZZ*PARTNER~\r\nGS*SH*…~')

beforeAll(async () => {
  us = await identity('Example Retail')
  partner = await identity('Example Supplier')
  receiver = { identities: [us], pinned: [partner.certificate] }
})

const payload = (bytes: Uint8Array = edi) => ({
  content: chunksOf(bytes),
  contentType: 'application/edi-x12',
  fileName: 'po 1.edi',
})

interface Case {
  sign: 'none' | DigestName
  scheme: 'rsa' | 'pss'
  form: 'detached' | 'opaque'
  cipher: 'none' | CipherName
  transport: KeyTransport
  compress: 'none' | 'before-signing' | 'after-signing'
  definite: boolean
  content: 'crlf' | 'lf' | 'binary' | 'boundaries' | 'empty' | 'no newline'
}

const AXES: { [K in keyof Case]: readonly Case[K][] } = {
  sign: ['none', 'sha1', 'sha256', 'sha384', 'sha512'],
  scheme: ['rsa', 'pss'],
  form: ['detached', 'opaque'],
  cipher: ['none', '3des', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', 'aes128-gcm', 'aes256-gcm'],
  transport: ['rsa', 'oaep-sha1', 'oaep-sha256'],
  compress: ['none', 'before-signing', 'after-signing'],
  definite: [true, false],
  content: ['crlf', 'lf', 'binary', 'boundaries', 'empty', 'no newline'],
}

/** Cases in which every two values of different axes meet (greedy, seeded). */
function pairwise(): Case[] {
  const names = Object.keys(AXES) as (keyof Case)[]
  const missing = new Set<string>()
  const pairs = (row: Case) =>
    names.flatMap((a, i) => names.slice(i + 1).map((b) => `${a}=${row[a]} ${b}=${row[b]}`))
  const random = seeded(4130)
  const pick = () =>
    Object.fromEntries(
      names.map((name) => [name, AXES[name][Math.floor(random() * AXES[name].length)]]),
    ) as unknown as Case
  names.forEach((a, i) =>
    names
      .slice(i + 1)
      .forEach((b) =>
        AXES[a].forEach((x) => AXES[b].forEach((y) => missing.add(`${a}=${x} ${b}=${y}`))),
      ),
  )
  const rows: Case[] = []
  while (missing.size > 0) {
    const best = Array.from({ length: 60 }, pick)
      .map((row) => ({ row, gain: pairs(row).filter((pair) => missing.has(pair)).length }))
      .sort((a, b) => b.gain - a.gain)[0]!
    if (best.gain === 0) continue
    rows.push(best.row)
    pairs(best.row).forEach((pair) => missing.delete(pair))
  }
  return rows
}

const CONTENT: Record<Case['content'], Buffer> = {
  crlf: Buffer.from("UNB+UNOC:3'\r\nUNH+1'\r\n".repeat(100)),
  lf: Buffer.from('ST*856*0001~\n'.repeat(100)),
  binary: randomBytes(5000),
  boundaries: Buffer.from('\r--=_\n--=_x\r\n----\r\n\r\r\n\n--'.repeat(50)),
  empty: Buffer.alloc(0),
  'no newline': Buffer.from('IEA*1*000000001~'),
}

function optionsOf(row: Case): SealOptions {
  return {
    ...(row.compress === 'none' ? {} : { compress: row.compress }),
    ...(row.sign === 'none'
      ? {}
      : {
          sign: {
            signer: partner,
            digest: row.sign,
            scheme: row.scheme,
            form: row.form,
            signingTime,
          },
        }),
    ...(row.cipher === 'none'
      ? {}
      : {
          encrypt: {
            recipients: [us.certificate],
            cipher: row.cipher,
            transport: row.transport,
          },
        }),
    ...(row.definite
      ? {
          stage: async (chunks) => {
            const bytes = await all(chunks)
            return { size: bytes.length, chunks: chunksOf(bytes) }
          },
        }
      : {}),
  }
}

describe('what one side seals the other opens, with the same MIC', () => {
  test.each(pairwise().map((row) => [Object.values(row).join(' '), row] as const))(
    '%s',
    async (_, row) => {
      const content = CONTENT[row.content]
      const message = await sent(seal([payload(content)], optionsOf(row)))
      const opened = await receive(receiver, message.headers, () => cut(message.body, 777))
      expect(opened.payloads).toEqual([
        {
          contentType: 'application/edi-x12',
          fileName: { name: 'po 1.edi', changed: false },
          payload: content,
        },
      ])
      expect(opened.mic).toEqual(message.mic)
      expect(opened.signed?.digest).toBe(row.sign === 'none' ? undefined : row.sign)
      expect(opened.signed?.scheme).toBe(row.sign === 'none' ? undefined : row.scheme)
      expect(opened.encrypted?.cipher).toBe(row.cipher === 'none' ? undefined : row.cipher)
      expect(opened.compressed).toBe(row.compress !== 'none')
    },
  )

  test('several attachments arrive as several payloads, in order', async () => {
    const pdf = randomBytes(3000)
    const sealed = seal(
      [
        payload(),
        { content: chunksOf(pdf), contentType: 'application/pdf', fileName: 'Lieferschein ä.pdf' },
      ],
      { sign: { signer: partner, digest: 'sha256', signingTime } },
    )
    const message = await sent(sealed)
    const opened = await receive(receiver, message.headers, () => chunksOf(message.body))
    expect(opened.payloads.map((p) => [p.contentType, p.fileName?.name, p.payload])).toEqual([
      ['application/edi-x12', 'po 1.edi', edi],
      ['application/pdf', 'Lieferschein ä.pdf', pdf],
    ])
    expect(opened.mic).toEqual(message.mic)
  })

  test('a small message opens for every cut and fails for every truncation, leaving nothing behind', async () => {
    const sealed = seal([payload(Buffer.from('x'))], {
      sign: { signer: partner, digest: 'sha256', signingTime, withCertificate: false },
      encrypt: { recipients: [us.certificate], cipher: 'aes128-cbc', transport: 'rsa' },
    })
    const { headers, body } = await sent(sealed)
    for (let at = 0; at <= body.length; at++)
      expect((await receive(receiver, headers, () => cutAt(body, at))).payloads.length).toBe(1)
    for (let length = 0; length < body.length; length++)
      await expect(
        receive(receiver, headers, () => chunksOf(body.subarray(0, length))),
      ).rejects.toMatchObject({
        code: 'decryption-failed',
      })
  })

  test('an unencrypted signed message too', async () => {
    const sealed = seal([payload(Buffer.from('x'))], {
      sign: { signer: partner, digest: 'sha256', signingTime, withCertificate: false },
    })
    const { headers, body } = await sent(sealed)
    const end = body.lastIndexOf('--')
    for (let at = 0; at <= body.length; at++)
      expect((await receive(receiver, headers, () => cutAt(body, at))).payloads.length).toBe(1)
    for (let length = 0; length < end; length++)
      await expect(
        receive(receiver, headers, () => chunksOf(body.subarray(0, length))),
      ).rejects.toMatchObject({
        name: 'As2Failure',
      })
  })
})

describe('the MIC', () => {
  const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('base64')
  const mic = async (text: string) => {
    const { headers, body } = written(text)
    return (await receive(receiver, headers, body)).mic
  }

  test('of an unprotected message covers the content alone', async () => {
    const opened = await mic('Content-Type: application/edi-x12\r\n\r\nISA*00~\r\n')
    expect(opened).toEqual({ digest: 'sha256', value: hash('ISA*00~\r\n') })
  })

  test('of an encrypted message covers header and content as decrypted', async () => {
    const { headers, body, mic } = await sent(
      seal([payload()], {
        encrypt: { recipients: [us.certificate], cipher: 'aes128-gcm', transport: 'rsa' },
      }),
    )
    const entity =
      'Content-Type: application/edi-x12\r\nContent-Transfer-Encoding: binary\r\n' +
      'Content-Disposition: attachment; filename="po 1.edi"\r\n\r\n'
    expect(mic.value).toBe(hash(Buffer.concat([Buffer.from(entity), edi])))
    expect((await receive(receiver, headers, () => chunksOf(body))).mic).toEqual(mic)
  })

  test('of a message compressed before signing covers the compressed part', async () => {
    const { headers, body, mic } = await sent(
      seal([payload()], {
        compress: 'before-signing',
        sign: { signer: partner, digest: 'sha256', signingTime },
      }),
    )
    const [, boundary] = /boundary="?([^";]+)/.exec(headers[0]![1])!
    const start = body.indexOf('\r\n') + 2
    const part = body.subarray(start, body.indexOf(`\r\n--${boundary}`, start))
    expect(part.toString('latin1')).toMatch(
      /^Content-Type: application\/pkcs7-mime; smime-type=compressed-data/,
    )
    expect(mic.value).toBe(hash(part))
  })

  test('covers a signed part as it was received: folded headers, LF line ends, no transfer encoding', async () => {
    const part = "content-type:  application/EDIFACT;\n name=x.edi\n\nUNA:+.? '\n\n"
    const message = await signedByHand(part)
    const opened = await receive(receiver, message.headers, message.body)
    expect(opened.mic.value).toBe(hash(part))
    expect(opened.payloads[0]).toMatchObject({
      contentType: 'application/edifact',
      payload: Buffer.from("UNA:+.? '\n\n"),
    })
  })

  test('a micalg that is wrong or missing costs a second look, not the message', async () => {
    for (const micalg of ['md5', 'sha1', '', 'SHA_256', 'sha-512, sha-1']) {
      const message = await signedByHand('\r\nISA', micalg)
      const opened = await receive(receiver, message.headers, message.body)
      expect(opened.mic).toEqual({ digest: 'sha256', value: hash('\r\nISA') })
      expect(opened.payloads.length).toBe(1)
    }
  })
})

/** A multipart/signed message around exactly these bytes. */
async function signedByHand(part: string, micalg = 'sha-256') {
  const { signDetached } = await import('../../../../gateway/channels/as2/cms/sign.js')
  const digest = createHash('sha256').update(part).digest()
  const signature = await signDetached(digest, { signer: partner, digest: 'sha256', signingTime })
  return written(
    `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b; micalg="${micalg}"\r\n\r\n` +
      `--b\r\n${part}\r\n--b\r\nContent-Type: application/x-pkcs7-signature\r\n\r\n${signature.toString('latin1')}\r\n--b--\r\n`,
  )
}
