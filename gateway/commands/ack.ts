// `edigw ack`: the acknowledgement an input gets.
import { parseArgs } from 'node:util'
import type { Issue } from '../../edi-maps/issue.js'
import type { Transaction } from '../../edi-maps/standard.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { answerType, givenType, placeOf } from '../acknowledged-edi.js'
import { agreedReading, readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { openInput } from '../edi-input.js'
import { checkNumbers, givenNumbers, numbersAfter } from '../given-numbers.js'
import { Findings, write } from '../output.js'
import { withProgress } from '../progress.js'
import { validateEdi } from '../validate-edi.js'

export const ack: Command = {
  usage: `edigw ack FILE [--type 997|999|ta1|contrl] [--agreement FILE] [--now ISO] [--control I[:G[:M]]]

  Writes the acknowledgements the input gets, one for each interchange, in their order and in their standard. FILE - is
  standard input. The usual type is 997 for X12 and CONTRL for EDIFACT; an X12 interchange without a functional group gets
  the TA1 its ISA14 asks for. Acknowledgements are never acknowledged.
  --agreement FILE  an agreement whose overrides are used
  --now ISO         date and time of the envelope (default: the clock)
  --control I:G:M   first control numbers of interchange, group and message (default 1)

  Exit code 1: at least one finding is an error, or an interchange has nothing that can be acknowledged; standard error
  tells both.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        type: { type: 'string' },
        agreement: { type: 'string' },
        now: { type: 'string' },
        control: { type: 'string' },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    const wanted = givenType(values.type)
    let numbers = givenNumbers(values.now ?? new Date().toISOString(), values.control)
    const agreement =
      values.agreement === undefined ? undefined : await readAgreementFile(values.agreement, io)
    const agreedOf = (type: string, version: string) => agreedReading(agreement, type, version)
    const sender = agreement?.theirRole
    const told = new Findings(io, { to: 'stderr', asJson: false })
    const input = withProgress(openInput(path, io), path, io.stderr)
    let isUnanswered = false
    let found = new Map<Transaction, readonly Issue[]>()
    for await (const read of validateEdi(input, { agreedOf, sender, keep: true })) {
      await told.tell(read.issues)
      if ('transaction' in read) found.set(read.transaction, read.issues)
      if (!('interchange' in read)) continue
      const { interchange } = read
      const { acknowledge, whyUnanswered } = syntaxOf(interchange.standard)
      const type = answerType(interchange, wanted)
      const written = acknowledge(interchange, {
        type,
        findings: (transaction) => found.get(transaction) ?? transaction.issues,
        numbers,
        listAccepted: agreement?.acks?.listAccepted ?? true,
      })
      found = new Map()
      if (written === undefined) {
        const why = whyUnanswered(interchange, type)
        if (why === undefined) continue
        isUnanswered = true
        await write(io.stderr, `no ${type.toUpperCase()} for ${placeOf(interchange)}: ${why}\n`)
        continue
      }
      checkNumbers(interchange.standard, numbers, written)
      await told.tell(written.issues)
      await write(io.stdout, written.bytes)
      numbers = numbersAfter(numbers, written)
    }
    return isUnanswered ? 1 : told.exitCode
  },
}
