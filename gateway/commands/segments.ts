// `edigw segments`: an input as segments, one JSON object a line.
import { parseArgs } from 'node:util'
import { elementsOf, isFiller } from '../../edi-maps/layout.js'
import { UsageError, type Command } from '../command.js'
import { openInput } from '../edi-input.js'
import { readSegments } from '../edi-segments.js'
import { Findings, write } from '../output.js'
import { withProgress } from '../progress.js'

export const segments: Command = {
  usage: `edigw segments FILE [--layout]

  An input as segments, one JSON object a line: {"i","tag","elements":[[["856"]],…],"offset","end"}; i is
  the number of the segment from 1, as findings tell it; elements are lists of repetitions, those lists of components.
  FILE - is standard input.
  --layout   adds what is no data (line ends, wraps, service characters), so that \`rewrite --from-segments\` writes
             the same bytes

  Exit code 1: at least one finding is an error; findings go to standard error.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { layout: { type: 'boolean', default: false } },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    const findings = new Findings(io, { to: 'stderr', asJson: false })
    const input = withProgress(openInput(path, io), path, io.stderr)
    for await (const list of readSegments(input)) {
      let lines = ''
      for (const segment of list) {
        if (segment.issues.length > 0) await findings.tell(segment.issues)
        if (isFiller(segment) && !values.layout) continue
        const { number, tag, offset, end } = segment
        const row = { i: number, tag, elements: elementsOf(segment), offset, end }
        lines += `${JSON.stringify(values.layout ? { ...row, layout: segment.layout() } : row)}\n`
      }
      if (lines !== '') await write(io.stdout, lines)
    }
    return findings.exitCode
  },
}
