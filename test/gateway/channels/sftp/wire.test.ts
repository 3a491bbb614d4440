import { describe, expect, test } from '@jest/globals'
import {
  MAX_PACKET,
  WireError,
  answer,
  packetsOf,
  parseRequest,
} from '../../../../gateway/channels/sftp/wire.js'

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const text = (value: string) => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)])
const framed = (body: Buffer) => Buffer.concat([u32(body.length), body])

const open = Buffer.concat([Buffer.of(3), u32(7), text('/in/é.edi'), u32(0x1a), u32(0)])
const write = Buffer.concat([
  Buffer.of(6),
  u32(8),
  text('h1'),
  Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]),
  text('ISA*00'),
])
const rename = Buffer.concat([
  Buffer.of(200),
  u32(9),
  text('posix-rename@openssh.com'),
  text('/in/a.tmp'),
  text('/in/a.edi'),
])

async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const cut = async (bytes: Buffer, size: number) => {
  const found: Buffer[] = []
  for await (const packet of packetsOf(pieces(bytes, size))) found.push(packet)
  return found
}

describe('packets of SFTP', () => {
  test('requests are read with their fields', () => {
    expect(parseRequest(open)).toEqual({
      type: 'open',
      id: 7,
      path: '/in/é.edi',
      flags: 0x1a,
      attributes: {},
    })
    expect(parseRequest(write)).toEqual({
      type: 'write',
      id: 8,
      handle: 'h1',
      offset: 4294967298,
      data: Buffer.from('ISA*00'),
    })
    expect(parseRequest(rename)).toEqual({
      type: 'posix-rename',
      id: 9,
      path: '/in/a.tmp',
      to: '/in/a.edi',
    })
  })

  test('wherever the stream is cut, the same packets come out', async () => {
    const stream = Buffer.concat([open, write, rename].map(framed))
    for (let size = 1; size <= stream.length; size++)
      expect(await cut(stream, size)).toEqual([open, write, rename])
  })

  test('an impossible length ends the session instead of allocating it', async () => {
    await expect(cut(Buffer.concat([u32(MAX_PACKET + 1), open]), 16)).rejects.toThrow(WireError)
    await expect(cut(u32(0), 4)).rejects.toThrow(WireError)
  })

  test('a packet cut short anywhere is a WireError, never another request', () => {
    for (const whole of [open, write, rename])
      for (let length = 0; length < whole.length; length++)
        expect(() => parseRequest(whole.subarray(0, length))).toThrow(WireError)
  })

  test('random bytes are a request or a WireError', () => {
    let seed = 20260102
    const next = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from([open, write, rename][round % 3]!)
      for (let n = 0; n < 3; n++) bytes[next() % bytes.length] = next() & 0xff
      try {
        expect(typeof parseRequest(bytes).type).toBe('string')
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    }
  })

  test('answers carry their own length', () => {
    const given = [
      answer.version(),
      answer.status(1, 4, 'the quota is full'),
      answer.handle(2, '\x00\x00\x00\x05'),
      answer.data(3, Buffer.from('abc')),
      answer.names(4, [{ name: 'a', longName: '-rw a', attributes: { size: 5, mode: 0o100600 } }]),
      answer.attributes(5, { size: 2 ** 33, mtime: 1, atime: 2 }),
      answer.limits(6),
    ]
    for (const packet of given) expect(packet.readUInt32BE()).toBe(packet.length - 4)
    expect(given[3]).toEqual(framed(Buffer.concat([Buffer.of(103), u32(3), text('abc')])))
  })
})
