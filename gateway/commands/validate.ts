// `edigw validate`: what is wrong with an input, each finding with its place and what the acknowledgement will say.
import { parseArgs } from 'node:util'
import { plural } from '../../edi-maps/plural.js'
import type { Interchange } from '../../edi-maps/standard.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { acknowledgedEdi, givenType, MOST_HELD } from '../acknowledged-edi.js'
import { agreedReading, readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { openInput } from '../edi-input.js'
import { Findings, write } from '../output.js'
import { MAX_BYTES } from '../cross-check/index.js'
import { crossCheckFindings } from '../cross-check/findings.js'
import { Head } from '../head.js'
import { withProgress } from '../progress.js'
import { validateEdi, type Validated } from '../validate-edi.js'

export const validate: Command = {
  usage: `edigw validate FILE [--type 997|999|ta1|contrl] [--agreement FILE] [--cross-check] [--json]

  Findings on envelope, structure, elements, codes, dates and totals, each with its place, and with the code by which
  the acknowledgement tells it, where it does. FILE - is standard input.
  --type T          the acknowledgement whose codes are told, as of edigw ack; an interchange with more than
                    ${MOST_HELD} findings is told without
  --agreement FILE  an agreement whose overrides are used
  --cross-check     a second reader (node-x12, edifact) reads it too; what it sees otherwise is a finding
  --json            findings as JSON lines

  Exit code 0: no finding is an error; 1: at least one is.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        type: { type: 'string' },
        agreement: { type: 'string' },
        'cross-check': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    const type = givenType(values.type)
    const agreement =
      values.agreement === undefined ? undefined : await readAgreementFile(values.agreement, io)
    const findings = new Findings(io, { to: 'stdout', asJson: values.json })
    const copy = new Head(MAX_BYTES + 1)
    const bytes = withProgress(openInput(path, io), path, io.stderr)
    const input = values['cross-check'] ? copy.of(bytes) : bytes
    let transactions = 0
    let interchanges = 0
    let first: Interchange['standard'] | undefined
    const agreedOf = (type: string, version: string) => agreedReading(agreement, type, version)
    const sender = agreement?.theirRole
    for await (const read of acknowledgedEdi(validateEdi(input, { agreedOf, sender }), type)) {
      if ('transaction' in read) transactions++
      if ('interchange' in read) interchanges++
      first ??= read.standard
      await findings.tell(read.issues, { answer: type ?? places(read) })
    }
    // What has no interchange is no EDI, and there is a finding that says so.
    if (values['cross-check'] && first !== undefined)
      await findings.tell(await crossCheckFindings(first, copy.bytes()))
    if (!values.json) {
      const { error, warning, info } = findings.counts
      await write(
        io.stdout,
        `${plural(interchanges, 'interchange')}, ${plural(transactions, 'transaction')}: ` +
          `${plural(error, 'error')}, ${plural(warning, 'warning')}, ${plural(info, 'note')}\n`,
      )
    }
    return findings.exitCode
  },
}

/** The acknowledgement in whose words findings are told where no type is given; nothing acknowledges what is outside. */
const places = ({ standard }: Validated): string | undefined =>
  standard && syntaxOf(standard).acknowledgements[0]
