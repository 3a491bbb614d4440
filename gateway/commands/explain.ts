// `edigw explain`: what an input says, in words.
import { parseArgs } from 'node:util'
import { segmentsIn } from '../../edi-maps/payload.js'
import { explain as explainInput, type ExplainedSegment } from '../../edi-maps/explain.js'
import { agreedReading, readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { readWhole } from '../edi-input.js'
import { contextLine, explainedLines } from '../explained-lines.js'
import { Findings, hasColours, write } from '../output.js'

/** An explanation is read by a person: larger inputs are not what it is for, and it holds all of the input. */
const MAX_BYTES = 20 * 1024 * 1024

export const explain: Command = {
  usage: `edigw explain FILE [--at BYTE | --segment N] [--agreement FILE] [--json]

  What an input says, segment by segment: what each segment and element is, what its codes mean, where it stands in
  the map (the id that overrides use), which value of the Document it became, and what is wrong. FILE - is standard input.
  --at BYTE         only the segment at this byte (as findings tell it) or the next, with the element there marked
  --segment N       only segment N (as findings and edigw segments count, from 1)
  --agreement FILE  an agreement whose overrides are used
  --json            one JSON object a segment

  Exit code 1: at least one finding is an error.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        at: { type: 'string' },
        segment: { type: 'string' },
        agreement: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    if (values.at !== undefined && values.segment !== undefined)
      throw new UsageError('--at or --segment, not both')
    const byte = wholeNumber('--at', values.at)
    const number = wholeNumber('--segment', values.segment)
    const agreement =
      values.agreement === undefined ? undefined : await readAgreementFile(values.agreement, io)
    const bytes = await readWhole(path, io, MAX_BYTES)
    const segments = segmentsIn(bytes)
    const { segments: explained, issues } = explainInput(segments, {
      agreedOf: (type, version) => agreedReading(agreement, type, version),
      ...(agreement === undefined ? {} : { sender: agreement.theirRole }),
    })
    // What stands between two segments belongs to the one after it.
    const at = byte === undefined ? undefined : explained.find(({ end }) => byte < end)
    const shown = explained.filter(
      (one) => (byte === undefined || one === at) && (number === undefined || one.i === number),
    )
    if (shown.length === 0 && byte !== undefined) {
      const end = explained.at(-1)?.end ?? 0
      throw new UsageError(
        `${path} has no segment at byte ${byte}; its last one ends before byte ${end}`,
      )
    }
    if (shown.length === 0 && number !== undefined) {
      throw new UsageError(`${path} has no segment ${number}; it has ${explained.length} segments`)
    }
    const width = 'columns' in io.stdout ? Number(io.stdout.columns) : 120
    const isOne = (byte ?? number) !== undefined
    for (const one of shown) {
      const options = {
        ...(isOne ? {} : { width }),
        colour: hasColours(io.stdout),
        ...elementAt(one, segments, byte),
      }
      const head = isOne && one.document === undefined ? `${contextLine(path, one)}\n\n` : ''
      const text = values.json ? JSON.stringify(one) : head + explainedLines(one, options)
      await write(io.stdout, `${text}\n`)
    }
    const findings = new Findings(io, { to: values.json ? 'stderr' : 'stdout', asJson: false })
    await findings.tell(issues)
    return hasError(explained) ? 1 : findings.exitCode
  },
}

const hasError = (explained: readonly ExplainedSegment[]) =>
  explained.some(({ issues }) => issues.some(({ severity }) => severity === 'error'))

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} ${text}: a number from 0`)
  return Number(text)
}

/** The element a byte is in. */
function elementAt(
  { i }: ExplainedSegment,
  segments: readonly {
    number: number
    tag: string
    elementCount: number
    range(n: number): { offset: number; end: number }
  }[],
  byte: number | undefined,
): { marked?: number } {
  const segment = segments.find(({ number, tag }) => number === i && tag !== '')
  if (segment === undefined || byte === undefined) return {}
  for (let n = 1; n <= segment.elementCount; n++) {
    const { offset, end } = segment.range(n)
    if (byte >= offset && byte <= end) return { marked: n }
  }
  return {}
}
