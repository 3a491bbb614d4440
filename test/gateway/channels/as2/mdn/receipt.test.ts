// Receipts built by one side, read and judged by the other.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import {
  buildReceipt,
  parseReceiptBytes,
  receiptBytes,
  type ReceiptOptions,
} from '../../../../../gateway/channels/as2/mdn/build.js'
import { judgeReceipt } from '../../../../../gateway/channels/as2/mdn/check.js'
import { parseDisposition } from '../../../../../gateway/channels/as2/mdn/disposition.js'
import { readReceiptRequest } from '../../../../../gateway/channels/as2/mdn/request.js'
import { parseMic } from '../../../../../gateway/channels/as2/mic.js'
import { Headers } from '../../../../../gateway/channels/as2/mime/headers.js'
import { cut, cutAt } from '../chunks.js'
import { receive, type Side, written } from '../conversation.js'
import { identity, type TestIdentity } from '../identities.js'

let us: TestIdentity
let partner: TestIdentity
let sender: Side
const date = new Date('2026-01-02T03:04:05Z')
const mic = { digest: 'sha256' as const, value: 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=' }
const expected = { messageId: '<1@supplier.example>', mic, signed: true }

beforeAll(async () => {
  us = await identity('Example Retail')
  partner = await identity('Example Supplier')
  sender = { identities: [partner], pinned: [us.certificate] }
})

const options = (): ReceiptOptions => ({
  as2From: 'Example Supplier',
  as2To: 'RETAIL',
  originalMessageId: expected.messageId,
  messageId: '<mdn-1@retail.example>',
  date,
  mic,
  text: 'The message was received.\nÜber-fine.\n-- \n--',
  sign: { signer: us, digest: 'sha256', signingTime: date },
})

describe('a receipt', () => {
  test('signed by us verifies with our certificate and carries the MIC, for every cut', async () => {
    const receipt = await buildReceipt(options())
    for (let at = 0; at <= receipt.body.length; at += 7) {
      const opened = await receive(sender, receipt.headers, () => cutAt(receipt.body, at))
      expect(opened.signed?.certificate).toBe(us.certificate)
      expect(opened.payloads).toEqual([])
      expect(opened.report).toMatchObject({
        originalMessageId: expected.messageId,
        disposition: { type: 'processed', modifier: 'none', reason: '' },
        mic,
        text: 'The message was received.\r\n?ber-fine.\r\n -- \r\n --',
      })
      expect(judgeReceipt(opened.report!, expected)).toEqual({ state: 'transferred' })
    }
  })

  test('names both sides the other way round and survives being stored', async () => {
    const receipt = await buildReceipt(options())
    expect(Object.fromEntries(receipt.headers)).toMatchObject({
      'AS2-From': 'RETAIL',
      'AS2-To': '"Example Supplier"',
      'AS2-Version': '1.2',
      'Message-ID': '<mdn-1@retail.example>',
      Date: 'Fri, 02 Jan 2026 03:04:05 +0000',
    })
    const stored = await parseReceiptBytes(receiptBytes(receipt))
    expect(stored.body.equals(receipt.body)).toBe(true)
    expect(stored.headers).toEqual(receipt.headers)
  })

  test('without a signature is a plain report', async () => {
    const unsigned = options()
    delete unsigned.sign
    const receipt = await buildReceipt({
      ...unsigned,
      modifier: { kind: 'error', text: 'decryption-failed' },
    })
    const opened = await receive(sender, receipt.headers, () => cut(receipt.body, 10))
    expect(opened.signed).toBeUndefined()
    expect(opened.report?.disposition).toEqual({
      type: 'processed',
      modifier: 'error',
      reason: 'decryption-failed',
    })
  })

  test('that was changed on its way fails', async () => {
    const receipt = await buildReceipt(options())
    const changed = Buffer.from(
      receipt.body.toString('latin1').replace('processed', 'Processed'),
      'latin1',
    )
    await expect(receive(sender, receipt.headers, () => chunksOf(changed))).rejects.toMatchObject({
      code: 'integrity-check-failed',
    })
  })

  test.each(['<1@x>\r\nX-Evil: 1', 'a\nb'])(
    'for message id %j is not built',
    async (originalMessageId) => {
      await expect(buildReceipt({ ...options(), originalMessageId })).rejects.toThrow(
        'cannot be written',
      )
      await expect(buildReceipt({ ...options(), as2From: 'a\r\nb' })).rejects.toThrow(
        'not an AS2 name',
      )
    },
  )

  test.each([
    ['base64 signature and notification, folded fields, other order and case', 'base64'],
    ['no transfer encoding', 'binary'],
  ])('of other products is read: %s', async (_, encoding) => {
    const notification =
      'disposition:\r\n automatic-action/MDN-sent-automatically;  Processed / Error :  integrity-check-failed\r\n' +
      'received-content-mic: uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek= , SHA256\r\n' +
      'ORIGINAL-MESSAGE-ID:1@supplier.example\r\n\r\n'
    const text = encoding === 'base64' ? Buffer.from(notification).toString('base64') : notification
    const { headers, body } = written(
      'Content-Type: multipart/report;\tReport-Type=disposition-notification; boundary="----=_Part 1"\r\n\r\n' +
        `------=_Part 1\r\nContent-Type: Message/Disposition-Notification\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}\r\n` +
        '------=_Part 1\r\n\r\nfor people\r\n------=_Part 1--\r\n',
    )
    const { report } = await receive(sender, headers, body)
    expect(report).toMatchObject({ mic, text: 'for people' })
    expect(judgeReceipt(report!, expected)).toEqual({
      state: 'refused',
      reason: 'integrity-check-failed',
      again: true,
    })
  })
})

describe('judging', () => {
  const report = (
    disposition: string,
    fields: Partial<Parameters<typeof judgeReceipt>[0]> = {},
  ) => ({
    originalMessageId: expected.messageId,
    disposition: parseDisposition(`automatic-action/MDN-sent-automatically; ${disposition}`),
    mic,
    fields: [],
    text: '',
    ...fields,
  })

  test.each([
    ['processed', { state: 'transferred' }],
    [
      'Processed/Warning: duplicate-document',
      { state: 'transferred', warning: 'duplicate-document' },
    ],
    ['processed/error', { state: 'refused', reason: 'processed', again: true }],
    [
      'processed/Error: Decryption-Failed',
      { state: 'refused', reason: 'decryption-failed', again: true },
    ],
    [
      'failed/Failure: unsupported format',
      { state: 'refused', reason: 'unsupported format', again: false },
    ],
    ['failed', { state: 'refused', reason: 'failed', again: false }],
    ['displayed', { state: 'refused', reason: 'displayed', again: false }],
  ] as const)('%s', (disposition, outcome) => {
    expect(judgeReceipt(report(disposition), expected)).toEqual(outcome)
  })

  test('another MIC is a mismatch that is never sent again', () => {
    const other = { digest: 'sha256' as const, value: 'AAAA' }
    const outcome = judgeReceipt(report('processed', { mic: other }), expected)
    expect(outcome).toMatchObject({ state: 'refused', again: false })
    expect(JSON.stringify(outcome)).toContain('MIC mismatch')
    const sha1 = { ...mic, digest: 'sha1' as const }
    expect(judgeReceipt(report('processed', { mic: sha1 }), expected).state).toBe('refused')
  })

  test('a missing MIC is a failure only when the message was signed', () => {
    const none = report('processed', { mic: undefined })
    expect(judgeReceipt(none, expected)).toMatchObject({ state: 'refused', again: false })
    expect(judgeReceipt(none, { ...expected, signed: false })).toEqual({ state: 'transferred' })
  })

  test('a receipt for another message or without a disposition is foreign', () => {
    expect(judgeReceipt(report('processed', { originalMessageId: '<2@x>' }), expected).state).toBe(
      'foreign',
    )
    expect(judgeReceipt(report('processed', { disposition: undefined }), expected).state).toBe(
      'foreign',
    )
  })
})

describe('Received-Content-MIC', () => {
  test.each(['sha256', 'SHA-256', 'sha_256', 'rsa-sha256', ' Sha256 '])(
    'algorithm %j is SHA-256',
    (name) => {
      expect(parseMic(`${mic.value} ,${name}`)).toEqual(mic)
    },
  )
  test.each(['', 'abc', 'abc, md5', ', sha1'])('%j is none', (text) => {
    expect(parseMic(text)).toBeUndefined()
  })
})

describe('what receipt is asked for', () => {
  const ask = (options: string | undefined, more: [string, string][] = []) =>
    readReceiptRequest(
      new Headers([
        ['Disposition-Notification-To', 'edi@example.com'],
        ...(options === undefined
          ? []
          : ([['Disposition-Notification-Options', options]] as [string, string][])),
        ...more,
      ]),
      false,
    )

  test('none without Disposition-Notification-To', () => {
    expect(readReceiptRequest(new Headers([]), false)).toBeUndefined()
  })

  test('unsigned by default, signed on request, the digest in the spelling of the sender', () => {
    expect(ask(undefined)).toMatchObject({ signed: false, micDigest: 'sha256' })
    const request = ask(
      'signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha1, SHA512',
    )
    expect(request).toMatchObject({ signed: true, micDigest: 'sha512' })
    expect(request?.spelling('sha512')).toBe('SHA512')
    expect(request?.spelling('sha256')).toBe('sha-256')
  })

  test('blanks, quotes and a missing importance are read as meant', () => {
    const request = ask(
      'Signed-Receipt-Protocol = required , "pkcs7-signature" ; signed-receipt-micalg=sha-384;',
    )
    expect(request).toMatchObject({ signed: true, micDigest: 'sha384', impossible: undefined })
  })

  test('what is required and not possible is a failure, what is optional is not', () => {
    expect(ask('signed-receipt-protocol=required, pgp')?.impossible).toEqual({
      kind: 'failure',
      text: 'unsupported format',
    })
    expect(ask('signed-receipt-protocol=optional, pgp')).toMatchObject({
      signed: false,
      impossible: undefined,
    })
    expect(ask('signed-receipt-micalg=required, md5, sha1')?.impossible).toEqual({
      kind: 'failure',
      text: 'unsupported MIC-algorithms',
    })
  })

  test('where an asynchronous one goes', () => {
    expect(ask('', [['Receipt-Delivery-Option', ' https://a.example/mdn ']])?.deliverTo).toBe(
      'https://a.example/mdn',
    )
  })
})
