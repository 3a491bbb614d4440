import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import { decodeTransfer, encodeBase64 } from '../../../../../gateway/channels/as2/mime/transfer.js'
import { all, cut, cutAt } from '../chunks.js'

const decode = (text: string, encoding: string | undefined) =>
  all(decodeTransfer(chunksOf(Buffer.from(text, 'latin1')), encoding))

describe('content transfer encoding', () => {
  test.each([undefined, 'binary', '7bit', '8BIT', ' Binary '])(
    '%s changes nothing',
    async (encoding) => {
      const bytes = randomBytes(1000)
      expect(await all(decodeTransfer(cut(bytes, 7), encoding))).toEqual(bytes)
    },
  )

  test('base64 reads what it wrote, in lines of 76, for every cut', async () => {
    const bytes = randomBytes(200)
    const text = await all(encodeBase64(cut(bytes, 13)))
    expect(text.toString()).toMatch(/^(?:.{76}\r\n){3}.{1,76}\r\n$/)
    for (let at = 0; at <= text.length; at++)
      expect(await all(decodeTransfer(cutAt(text, at), 'Base64'))).toEqual(bytes)
  })

  test.each(['QUJ', 'QUJD*', 'QQ==QUJD', 'Q=JD', 'A==='])('base64 %s is refused', async (text) => {
    await expect(decode(text, 'base64')).rejects.toThrow('base64')
  })

  test('quoted-printable, for every cut', async () => {
    const text = 'ISA*00=\r\n*  \r\n=3D=e4=C4~\r\nend=20\r\nlast'
    const expected = 'ISA*00*\r\n=\xe4\xc4~\r\nend \r\nlast'
    for (let at = 0; at <= text.length; at++) {
      const decoded = decodeTransfer(cutAt(Buffer.from(text), at), 'quoted-printable')
      expect((await all(decoded)).toString('latin1')).toBe(expected)
    }
  })

  test('quoted-printable that is none, and unknown encodings, are refused', async () => {
    await expect(decode('a=zz', 'quoted-printable')).rejects.toThrow('not quoted-printable')
    await expect(decode('x'.repeat(20_000), 'quoted-printable')).rejects.toThrow('line too long')
    expect(() => decodeTransfer(chunksOf(), 'x-uuencode')).toThrow('"x-uuencode" is unknown')
  })
})
