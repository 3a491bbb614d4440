// `edigw rewrite`: EDI or segments back to bytes.
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { Type, type Static } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { dataOf, isFiller } from '../../edi-maps/layout.js'
import { PayloadWriter } from '../../edi-maps/payload-writer.js'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { openInput } from '../edi-input.js'
import { readSegments } from '../edi-segments.js'
import { Findings, write } from '../output.js'
import { withProgress } from '../progress.js'
import { readBack, type Given, type Rewritten } from '../read-back.js'

const Line = Type.Object({
  tag: Type.String(),
  elements: Type.Array(Type.Array(Type.Array(Type.String()))),
  layout: Type.Optional(
    Type.Object({
      before: Type.Optional(Type.String()),
      breaks: Type.Optional(
        Type.Array(Type.Tuple([Type.Integer(), Type.Integer(), Type.String()])),
      ),
      latin1: Type.Optional(
        Type.Array(Type.Tuple([Type.Integer(), Type.Integer(), Type.Integer()])),
      ),
      escaped: Type.Optional(
        Type.Array(Type.Tuple([Type.Integer(), Type.Integer(), Type.Integer(), Type.String()])),
      ),
      unterminated: Type.Optional(Type.Literal(true)),
      irregular: Type.Optional(Type.Literal(true)),
      characters: Type.Optional(
        Type.Object({
          element: Type.String(),
          component: Type.String(),
          segment: Type.String(),
          repetition: Type.Optional(Type.String()),
          release: Type.Optional(Type.String()),
          decimal: Type.Optional(Type.String()),
          suffix: Type.Optional(
            Type.Union([Type.Literal(''), Type.Literal('\n'), Type.Literal('\r\n')]),
          ),
        }),
      ),
    }),
  ),
})
const isLine = new Ajv().compile<Static<typeof Line>>(Line)

export const rewrite: Command = {
  usage: `edigw rewrite FILE [--normalise]
       edigw rewrite FILE --from-segments [--normalise]

  Reads an input and writes it again: byte for byte as it came, or with --normalise in the normal form (no layout, no
  trailing separators). FILE - is standard input.
  --from-segments  FILE is what \`edigw segments --layout\` writes; changing one element changes exactly its bytes

  What is written reads back as what was given: an interchange with a value that cannot be written so (it has a
  delimiter or a line break in it, or not the width of its ISA element) is left out.

  Exit code 1: at least one finding is an error; findings go to standard error.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'from-segments': { type: 'boolean', default: false },
        normalise: { type: 'boolean', default: false },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    return values['from-segments']
      ? fromSegments(path, values.normalise, io)
      : fromEdi(path, values.normalise, io)
  },
}

async function fromEdi(path: string, normalise: boolean, io: Io): Promise<ExitCode> {
  const findings = new Findings(io, { to: 'stderr', asJson: false })
  const input = withProgress(openInput(path, io), path, io.stderr)
  if (normalise) {
    await told(readBack(given(input, findings)), findings, io)
    return findings.exitCode
  }
  const writer = new PayloadWriter()
  for await (const segments of readSegments(input)) {
    let text = ''
    for (const segment of segments) {
      if (segment.issues.length > 0) await findings.tell(segment.issues)
      text += writer.write(segment.standard, dataOf(segment), segment.layout())
    }
    await write(io.stdout, Buffer.from(text, 'latin1'))
  }
  return findings.exitCode
}

/** Segments of an input, without their layout. */
async function* given(bytes: AsyncIterable<Uint8Array>, findings: Findings): AsyncGenerator<Given> {
  for await (const segments of readSegments(bytes)) {
    for (const segment of segments) {
      if (segment.issues.length > 0) await findings.tell(segment.issues)
      if (isFiller(segment)) continue
      yield { data: dataOf(segment), place: `segment ${segment.number}` }
    }
  }
}

async function fromSegments(path: string, normalise: boolean, io: Io): Promise<ExitCode> {
  const findings = new Findings(io, { to: 'stderr', asJson: false })
  await told(readBack(givenLines(path, normalise, io)), findings, io)
  return findings.exitCode
}

async function* givenLines(path: string, normalise: boolean, io: Io): AsyncGenerator<Given> {
  let number = 0
  const lines = createInterface({ input: Readable.from(openInput(path, io)), crlfDelay: Infinity })
  for await (const text of lines) {
    number++
    if (text.trim() === '') continue
    const { tag, elements, layout } = parsed(text, number)
    if (normalise && tag === '') continue
    yield {
      data: [tag, ...elements],
      place: `line ${number}`,
      ...(normalise || layout === undefined ? {} : { layout }),
    }
  }
}

async function told(written: AsyncIterable<Rewritten>, findings: Findings, io: Io): Promise<void> {
  for await (const one of written) {
    await findings.tell(one.issues)
    await write(io.stdout, one.bytes)
  }
}

function parsed(text: string, number: number): Static<typeof Line> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`line ${number} is no JSON: ${(error as Error).message}`)
  }
  if (isLine(value)) return value
  const [problem] = isLine.errors ?? []
  throw new UsageError(
    `line ${number} is no segment: ${problem?.instancePath ?? ''} ${problem?.message ?? ''}`,
  )
}
