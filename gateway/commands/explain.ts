// `edigw explain`: what an input says, in words.
import { parseArgs } from 'node:util'
import { segmentsIn } from '../../edi-maps/payload.js'
import { explain as explainInput } from '../../edi-maps/explain.js'
import { isFiller } from '../../edi-maps/layout.js'
import type { Segment } from '../../edi-maps/segment.js'
import { agreedReading, readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { readWhole } from '../edi-input.js'
import { contextLine, explainedLines } from '../explained-lines.js'
import { Findings, hasColours, write } from '../output.js'
import { isTerminal, ProgressBar } from '../progress.js'

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
    const asked = askedFor(path, segments, byte, number)
    // Of what is done half is reading, half telling; on a terminal what is told shows itself how far it is.
    const bar = new ProgressBar(bytes.length, io.stderr)
    const explained = explainInput(segments, {
      readUpTo: (end) => bar.show(end / 2),
      agreedOf: (type, version) => agreedReading(agreement, type, version),
      ...(agreement === undefined ? {} : { sender: agreement.theirRole }),
    })
    if (isTerminal(io.stdout)) bar.clear()
    const width = 'columns' in io.stdout ? Number(io.stdout.columns) : 120
    const isOne = asked !== undefined
    const options = {
      ...(isOne ? {} : { width }),
      colour: hasColours(io.stdout),
      ...elementAt(asked, byte),
    }
    for (const one of explained.segments) {
      if (!isTerminal(io.stdout)) bar.show((bytes.length + one.end) / 2)
      if (isOne && one.i !== asked.number) continue
      const head = isOne && one.document === undefined ? `${contextLine(path, one)}\n\n` : ''
      const text = values.json ? JSON.stringify(one) : head + explainedLines(one, options)
      await write(io.stdout, `${text}\n`)
    }
    bar.clear()
    const findings = new Findings(io, { to: values.json ? 'stderr' : 'stdout', asJson: false })
    await findings.tell(explained.issues)
    return explained.hasError ? 1 : 0
  },
}

/** The segment that `--at` or `--segment` names; a UsageError where there is none. */
function askedFor(
  path: string,
  all: readonly Segment[],
  byte: number | undefined,
  number: number | undefined,
): Segment | undefined {
  const segments = all.filter((segment) => !isFiller(segment))
  if (byte !== undefined) {
    // What stands between two segments belongs to the one after it.
    const found = segments.find(({ end }) => byte < end)
    if (found !== undefined) return found
    const end = segments.at(-1)?.end ?? 0
    throw new UsageError(
      `${path} has no segment at byte ${byte}; its last one ends before byte ${end}`,
    )
  }
  if (number === undefined) return undefined
  const found = segments.find((segment) => segment.number === number)
  if (found !== undefined) return found
  throw new UsageError(`${path} has no segment ${number}; it has ${segments.length} segments`)
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option} ${text}: a number from 0`)
  return Number(text)
}

/** The element a byte is in. */
function elementAt(segment: Segment | undefined, byte: number | undefined): { marked?: number } {
  if (segment === undefined || byte === undefined) return {}
  for (let n = 1; n <= segment.elementCount; n++) {
    const { offset, end } = segment.range(n)
    if (byte >= offset && byte <= end) return { marked: n }
  }
  return {}
}
