import { describe, expect, test } from '@jest/globals'
import { ByteSource, type Chunks, chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import { splitParts } from '../../../../../gateway/channels/as2/mime/multipart.js'
import { all, cut, cutAt } from '../chunks.js'

async function parts(chunks: Chunks, boundary = 'b') {
  const found: string[] = []
  for await (const part of splitParts(new ByteSource(chunks), boundary))
    found.push((await all(part)).toString('latin1'))
  return found
}

describe('multipart', () => {
  const body = Buffer.from(
    'preamble --b\r\n--b\r\nA: 1\r\n\r\none\r\n\r\n--b \t\r\n\r\ntwo\n--bb\r--b\r\n--b-\r\n--b x\r\n--b--\r\nepilogue\r\n--b\r\n',
    'latin1',
  )
  const expected = ['A: 1\r\n\r\none\r\n', '\r\ntwo\n--bb\r--b\r\n--b-\r\n--b x']

  test('keeps every byte of a part but the line break before the delimiter, for every cut', async () => {
    for (let at = 0; at <= body.length; at++) expect(await parts(cutAt(body, at))).toEqual(expected)
    for (const size of [1, 2, 3, 5, 7]) expect(await parts(cut(body, size))).toEqual(expected)
  })

  test('lines may end in LF alone, and the last delimiter in nothing', async () => {
    expect(await parts(chunksOf(Buffer.from('--b\nx\n\n--b\ny\n--b--')))).toEqual(['x\n', 'y'])
  })

  test('a part may be empty', async () => {
    expect(await parts(chunksOf(Buffer.from('--b\r\n--b\r\n\r\n--b--\r\n')))).toEqual(['', ''])
  })

  test('a part that looks like text full of delimiters of another boundary stays whole', async () => {
    const inner = '--bc\r\n--bc--\r\n'.repeat(10_000)
    const outer = Buffer.from(`--b\r\n${inner}\r\n--b--`)
    expect(await parts(cut(outer, 1000))).toEqual([inner])
  })

  test('a part left early is skipped', async () => {
    const long = Buffer.from(`--b\r\n${'x'.repeat(100_000)}\r\n--b\r\nsecond\r\n--b--\r\n`)
    let count = 0
    for await (const part of splitParts(new ByteSource(cut(long, 1000)), 'b')) {
      if (++count === 1) {
        for await (const piece of part) if (piece.length > 0) break
      } else expect((await all(part)).toString()).toBe('second')
    }
    expect(count).toBe(2)
  })

  test('every truncation before the closing delimiter is an error', async () => {
    const closing = body.indexOf('--b--')
    for (let length = 0; length < closing + 4; length++)
      await expect(parts(chunksOf(body.subarray(0, length)))).rejects.toThrow('closing delimiter')
  })

  test.each([undefined, '', 'x\r\ny', 'x '])('boundary %j is refused', async (boundary) => {
    const read = async () => {
      for await (const part of splitParts(new ByteSource(chunksOf(body)), boundary)) await all(part)
    }
    await expect(read()).rejects.toThrow('usable boundary')
  })
})
