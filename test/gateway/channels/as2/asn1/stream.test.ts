import { describe, expect, test } from '@jest/globals'
import { BerStream } from '../../../../../gateway/channels/as2/asn1/stream.js'
import { TAG } from '../../../../../gateway/channels/as2/asn1/tags.js'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'
import { ByteSource, chunksOf, gather } from '../../../../../gateway/channels/as2/bytes.js'
import { Malformed } from '../../../../../gateway/channels/as2/failure.js'
import { all, cut, cutAt } from '../chunks.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** SEQUENCE { INTEGER, OCTET STRING, INTEGER } in three encodings. */
const definiteForm = hex('300c 020105 0404 aabbccdd 020106')
const indefiniteForm = hex('3080 020105 2480 0401aa 2404 0402bbcc 0401dd 0000 020106 0000')
const mixedForm = hex('3080 020105 2408 0402aabb 0402ccdd 020106 0000')

async function read(chunks: AsyncIterable<Uint8Array>) {
  const source = new ByteSource(chunks)
  const ber = new BerStream(source)
  await ber.enter(TAG.sequence, 'pair')
  const first = await ber.element(10, 'first')
  const content = await all(ber.octets(TAG.octetString, 'content'))
  const last = await ber.element(10, 'last')
  await ber.leave('pair')
  if ((await source.peek()) !== undefined)
    throw new Malformed('bytes after the end', source.position)
  return `${first.toString('hex')} ${content.toString('hex')} ${last.toString('hex')}`
}

describe('BER stream', () => {
  test.each([
    ['definite', definiteForm],
    ['indefinite', indefiniteForm],
    ['mixed', mixedForm],
  ])('reads the %s form the same for every cut, and refuses every truncation', async (_, bytes) => {
    for (let at = 0; at <= bytes.length; at++)
      expect(await read(cutAt(bytes, at))).toBe('020105 aabbccdd 020106')
    expect(await read(cut(bytes, 1))).toBe('020105 aabbccdd 020106')
    for (let length = 0; length < bytes.length; length++)
      await expect(read(chunksOf(bytes.subarray(0, length)))).rejects.toThrow(Malformed)
  })

  test.each([
    ['an octet string longer than the sequence', '300c 020105 0409 aabbccdd 020106'],
    ['a segment that is no octet string', '3080 020105 2480 020101 0000 020106 0000'],
    ['more elements than expected', '300f 020105 0404 aabbccdd 020106 020107'],
    ['a gathered element over its limit', '3080 0210 00112233445566778899aabbccddeeff 0000'],
    ['an element that never ends', '3080 3080 3080 3080'],
  ])('refuses %s', async (_, text) => {
    await expect(read(chunksOf(hex(text)))).rejects.toThrow(Malformed)
  })

  test('gathers an element of indefinite length as it came', async () => {
    const inner = hex('3080 020101 3080 0401ff 0000 0000')
    const ber = new BerStream(
      new ByteSource(chunksOf(Buffer.concat([hex('3080'), inner, hex('0000')]))),
    )
    await ber.enter(TAG.sequence, 'outer')
    expect(await ber.element(100, 'inner')).toEqual(inner)
    await ber.leave('outer')
  })

  test('joins one-byte segments and refuses a flood of them', async () => {
    const segment = (count: number) =>
      Buffer.concat([hex('2480'), ...Array<Buffer>(count).fill(hex('040141')), hex('0000')])
    const few = new BerStream(new ByteSource(cut(segment(9_000), 7)))
    let chunks = 0
    for await (const part of few.octets(TAG.octetString, 'content')) {
      chunks++
      expect(part.length).toBe(9_000)
    }
    expect(chunks).toBe(1)
    const many = new BerStream(new ByteSource(chunksOf(segment(20_000))))
    await expect(all(many.octets(TAG.octetString, 'content'))).rejects.toThrow('tiny segments')
  })

  test('streams content that is larger than any limit on gathered elements', async () => {
    const megabyte = Buffer.alloc(1 << 20, 7)
    const framed = Buffer.concat([
      der.header(TAG.octetString, 8 << 20),
      ...Array<Buffer>(8).fill(megabyte),
    ])
    const ber = new BerStream(new ByteSource(cut(framed, 65_536)))
    let size = 0
    for await (const part of ber.octets(TAG.octetString, 'content')) size += part.length
    expect(size).toBe(8 << 20)
  })
})

describe('byte source', () => {
  test('peeks over chunk borders and takes back what is unread', async () => {
    const source = new ByteSource(cut(Buffer.from('abcdef'), 2))
    expect(await source.peek(3)).toBe(0x64)
    const head = await source.take(3)
    source.unread(head)
    expect(source.position).toBe(0)
    expect((await all(source.rest())).toString()).toBe('abcdef')
    expect(await source.peek()).toBeUndefined()
  })

  test('gathers no more than the limit', async () => {
    await expect(gather(cut(Buffer.alloc(100), 10), 99)).rejects.toThrow('more than 99 bytes')
  })
})
