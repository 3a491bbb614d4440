import { describe, expect, test } from '@jest/globals'
import { ByteSource, type Chunks, chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import { fileNameOf, safeFileName } from '../../../../../gateway/channels/as2/mime/filename.js'
import {
  headerBlock,
  Headers,
  readHeaders,
} from '../../../../../gateway/channels/as2/mime/headers.js'
import { parameter, readParameters } from '../../../../../gateway/channels/as2/mime/parameters.js'
import { all, cut, cutAt } from '../chunks.js'

async function read(chunks: Chunks) {
  const source = new ByteSource(chunks)
  const { raw, headers } = await readHeaders(source)
  return {
    raw: raw.toString(),
    fields: headers.fields,
    rest: (await all(source.rest())).toString(),
  }
}

describe('header blocks', () => {
  const block =
    'Content-Type: multipart/signed;\r\n\tmicalg=sha-256; \r\n  boundary="x"\r\nSubject:a\r\n\r\n'

  test('are unfolded, and kept as they came, for every cut', async () => {
    const bytes = Buffer.from(`${block}\r\nbody`)
    for (let at = 0; at <= bytes.length; at++)
      expect(await read(cutAt(bytes, at))).toEqual({
        raw: block,
        fields: [
          ['Content-Type', 'multipart/signed; micalg=sha-256;  boundary="x"'],
          ['Subject', 'a'],
        ],
        rest: '\r\nbody',
      })
    expect((await read(cut(bytes, 1))).raw).toBe(block)
  })

  test('may be empty and may use LF alone', async () => {
    expect(await read(chunksOf(Buffer.from('\r\nbody')))).toMatchObject({
      raw: '\r\n',
      rest: 'body',
    })
    expect(await read(chunksOf(Buffer.from('A: 1\nB: 2\n\nbody')))).toMatchObject({
      fields: [
        ['A', '1'],
        ['B', '2'],
      ],
      rest: 'body',
    })
  })

  test.each([
    ['no end', 'A: 1\r\n'],
    ['no end after a cut line break', 'A: 1\r\n\r'],
    ['a line without a colon', 'A: 1\r\nwhat is this\r\n\r\n'],
    ['a folded first line', ' A: 1\r\n\r\n'],
    ['a NUL', 'A: 1\0\r\n\r\n'],
    ['a bare CR', 'A: 1\rB: 2\r\n\r\n'],
    ['more than 16 KiB', `A: ${'x'.repeat(17_000)}\r\n\r\n`],
  ])('with %s are refused', async (_, text) => {
    await expect(read(cut(Buffer.from(text), 100))).rejects.toMatchObject({ name: 'Malformed' })
  })

  test('a field that two readers could read differently is refused', () => {
    const headers = new Headers([
      ['Content-Type', 'text/plain'],
      ['content-type', 'multipart/signed'],
    ])
    expect(() => headers.get('Content-Type')).toThrow('more than once')
  })

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\rb', 'a\0b'])('value %j cannot be written', (value) => {
    expect(() => headerBlock([['Subject', value]])).toThrow('cannot be written')
    expect(() => parameter('filename', value)).toThrow('control character')
  })

  test('a name with a line break cannot be written', () => {
    expect(() => headerBlock([['A\r\nB', '1']])).toThrow('cannot be written')
  })
})

describe('parameters', () => {
  test.each([
    ['text/plain', 'text/plain', {}],
    [
      'Multipart/Signed; Protocol="application/pkcs7-signature"; micalg = SHA-256 ;',
      'multipart/signed',
      { protocol: 'application/pkcs7-signature', micalg: 'SHA-256' },
    ],
    ['a/b; name="x \\"y\\"; z=1"', 'a/b', { name: 'x "y"; z=1' }],
    ['a/b; boundary=----=_Part_1', 'a/b', { boundary: '----=_Part_1' }],
    [
      "attachment; filename*=UTF-8''%e2%82%ac%20rates.edi",
      'attachment',
      { filename: '€ rates.edi' },
    ],
    [
      "attachment; filename=plain.edi; filename*=iso-8859-1'en'%A3.edi",
      'attachment',
      { filename: '£.edi' },
    ],
    [
      'attachment; filename*1="b.edi"; filename*0*=utf-8\'\'a%20',
      'attachment',
      { filename: 'a b.edi' },
    ],
  ])('%s', (text, value, expected) => {
    const read = readParameters(text)
    expect([read.value, Object.fromEntries(read.parameters)]).toEqual([value, expected])
  })

  test.each(['a/b; name="x', 'a/b; x=1; X=2', 'a/b; name=x"y"'])('%s is refused', (text) => {
    expect(() => readParameters(text)).toThrow()
  })

  test.each(['po.edi', 'a "b" \\c.edi', 'Übersicht €.edi', "it's (1)*.edi"])(
    'file name %s survives writing and reading',
    (name) => {
      const written = `attachment${parameter('filename', name)}`
      expect(readParameters(written).parameters.get('filename')).toBe(name)
      expect(/^[ -~]*$/.test(written)).toBe(true)
    },
  )
})

describe('file names', () => {
  const name = (...fields: [string, string][]) => fileNameOf(new Headers(fields))?.name

  test('are found in the disposition, else in the content type, also as encoded words', () => {
    const type: [string, string] = ['Content-Type', 'a/b; name=type.edi']
    expect(name(type)).toBe('type.edi')
    expect(name(type, ['Content-Disposition', 'attachment; filename="d.edi"'])).toBe('d.edi')
    expect(name(type, ['Content-Disposition', 'attachment'])).toBe('type.edi')
    expect(
      name([
        'Content-Disposition',
        'attachment; filename="=?utf-8?B?w5xiZXI=?= =?utf-8?q?sicht_1?="',
      ]),
    ).toBe('Übersicht 1')
    expect(name(['Content-Type', 'a/b'])).toBeUndefined()
    expect(name(['Content-Disposition', 'attachment; filename="unbalanced'])).toBeUndefined()
  })

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\data\\po.edi', 'po.edi'],
    ['..', 'unnamed'],
    ['a\u0000\u001b[31mb\u202e.edi', 'a[31mb.edi'],
    [`${'ä'.repeat(200)}.edi`, 'ä'.repeat(127)],
    ['po 1.edi', 'po 1.edi'],
  ])('%j becomes %j', (text, safe) => {
    expect(safeFileName(text)).toEqual({ name: safe, changed: text !== safe })
  })
})
