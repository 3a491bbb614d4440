import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'
import { ByteSource, type Chunks, chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import { algorithm, OID } from '../../../../../gateway/channels/as2/cms/algorithms.js'
import { compress, decompress } from '../../../../../gateway/channels/as2/cms/compressed-data.js'
import { all, cut, cutAt } from '../chunks.js'

const open = (chunks: Chunks, maxBytes = 1e9) =>
  all(decompress(new ByteSource(chunks), { maxBytes }))
const failed = { code: 'decompression-failed' }

const framed = (zlib: Buffer, method: string = OID.zlib) =>
  der.sequence(
    der.oid(OID.compressedData),
    der.explicit(
      0,
      der.sequence(
        der.integer(0),
        algorithm(method),
        der.sequence(der.oid(OID.data), der.explicit(0, der.octetString(zlib))),
      ),
    ),
  )

describe('compressed data', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('BSN*00*0001*20260102*0304~'.repeat(9000))],
    ['noise', randomBytes(300_000)],
  ])('reads what it wrote: %s', async (_, content) => {
    const bytes = await all(compress(cut(content, 1000)))
    expect((await open(cut(bytes, 777))).equals(content)).toBe(true)
  })

  test('reads a definite encoding, for every cut; every truncation fails', async () => {
    const content = Buffer.from('UNH+1+DESADV:D:96A:UN')
    const bytes = framed(deflateSync(content))
    for (let at = 0; at <= bytes.length; at++) expect(await open(cutAt(bytes, at))).toEqual(content)
    for (let length = 0; length < bytes.length; length++)
      await expect(open(chunksOf(bytes.subarray(0, length)))).rejects.toMatchObject(failed)
  })

  test('stops a bomb at the size limit', async () => {
    const bytes = await all(compress(zeros(30)))
    expect(bytes.length).toBeLessThan(40_000)
    await expect(open(chunksOf(bytes), 5_000_000)).rejects.toMatchObject(failed)
  })

  test('stops a bomb that stays under the size limit by its ratio', async () => {
    const bytes = await all(compress(zeros(30)))
    await expect(open(chunksOf(bytes))).rejects.toThrow('expands more than 200 times')
  })

  test.each([
    ['bytes that are not zlib', framed(Buffer.from('not zlib'))],
    ['a cut zlib stream', framed(deflateSync(Buffer.alloc(1000)).subarray(0, 10))],
    [
      'bytes after the zlib stream',
      framed(Buffer.concat([deflateSync('x'), Buffer.alloc(200_000)])),
    ],
    ['another compression', framed(deflateSync('x'), '1.2.3.4')],
    [
      'another content type',
      der.sequence(der.oid(OID.data), der.explicit(0, der.octetString(Buffer.of(1)))),
    ],
  ])('refuses %s', async (_, bytes) => {
    await expect(open(cut(bytes, 1000))).rejects.toMatchObject(failed)
  })

  test('an error of the stream below is not taken for a bad compression', async () => {
    async function* broken() {
      yield framed(deflateSync(Buffer.alloc(100))).subarray(0, 60)
      throw new Error('disk gone')
    }
    await expect(open(broken())).rejects.toThrow('disk gone')
  })
})

async function* zeros(megabytes: number): AsyncGenerator<Buffer> {
  for (let count = 0; count < megabytes; count++) yield Buffer.alloc(1 << 20)
}
