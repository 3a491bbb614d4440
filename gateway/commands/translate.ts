// `edigw translate`: EDI to Documents, and Documents to EDI.
import { open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import type { Document } from '../../edi-maps/canonical/document.js'
import { plural } from '../../edi-maps/plural.js'
import { acceptedDocuments } from '../accepted-documents.js'
import type { GatewayAgreement } from '../agreement.js'
import { readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { openInput, readText } from '../edi-input.js'
import { EnvironmentError } from '../environment-error.js'
import { givenNumbers } from '../given-numbers.js'
import { Findings, write } from '../output.js'
import { withProgress } from '../progress.js'
import { readDocuments } from '../read-documents.js'
import { translateEdi } from '../translate-edi.js'
import { parseTarget, writeDocuments } from '../write-edi.js'

export const translate: Command = {
  usage: `edigw translate FILE [--pretty] [--issues FILE] [--agreement FILE]
       edigw translate FILE --to x12:856:004010 --agreement FILE [--control I[:G[:M]]] [--now ISO]

  EDI to Documents, one JSON object a line; or, with --to, Documents to EDI. FILE - is standard input.
  --pretty          indented JSON
  --issues FILE     findings as JSON lines; without it they go to standard error as text
  --agreement FILE  the agreement whose overrides, layout and envelope are used
  --to S:T:V        write: standard, type and version (x12:856:004010, edifact:INVOIC:D96A, edifact:INVOIC:D:01B:UN:EAN007);
                    several Documents become one interchange and one group,
                    and what its map finds names the one it is about
  --control I:G:M   first control numbers of interchange, group and message (default 1)
  --now ISO         date and time of the envelope (default: the clock)

  Exit code 1: at least one finding is an error. What has an error is not written, neither by itself nor in a group or
  interchange that has one: it is what \`edigw ack\` rejects. So the Documents of an interchange are written when it has
  ended; above 4 MB they wait in a temporary file (TMPDIR).`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        pretty: { type: 'boolean' },
        issues: { type: 'string' },
        agreement: { type: 'string' },
        to: { type: 'string' },
        control: { type: 'string' },
        now: { type: 'string' },
      },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    if (values.to === undefined && (values.control ?? values.now) !== undefined) {
      throw new UsageError('--control and --now belong to --to')
    }
    const agreement =
      values.agreement === undefined ? undefined : await readAgreementFile(values.agreement, io)
    const numbers = givenNumbers(values.now ?? new Date().toISOString(), values.control)
    const outgoing = values.to === undefined ? undefined : outgoingTo(values.to, agreement)
    const file = values.issues === undefined ? undefined : await openForFindings(values.issues)
    const findings = new Findings(io, { to: file?.stream ?? 'stderr', asJson: file !== undefined })
    try {
      if (outgoing === undefined) {
        const indent = values.pretty === true ? 2 : undefined
        const input = withProgress(openInput(path, io), path, io.stderr)
        const asLine = (document: Document) => `${JSON.stringify(document, null, indent)}\n`
        for await (const item of acceptedDocuments(translateEdi(input, agreement), asLine)) {
          if ('issues' in item) await findings.tell(item.issues)
          else if ('text' in item) await write(io.stdout, item.text)
          else await write(io.stderr, notWritten(item.refused))
        }
        return findings.exitCode
      }
      const documents = readDocuments(await readText(path, io), path)
      const { bytes, issues, about } = writeDocuments(
        documents,
        outgoing.target,
        outgoing.agreement,
        numbers,
      )
      for (const issue of issues) await findings.tell([issue], { about: about.get(issue) })
      if (findings.exitCode === 0) await write(io.stdout, bytes)
      return findings.exitCode
    } finally {
      await file?.close()
    }
  },
}

const notWritten = (refused: number) =>
  `${plural(refused, 'Document')} not written: their group or interchange is refused.\n`

/** What is written, and the agreement it cannot be written without. */
function outgoingTo(to: string, agreement: GatewayAgreement | undefined) {
  if (agreement === undefined) throw new UsageError('--to needs --agreement')
  return { agreement, target: parseTarget(to, agreement) }
}

/** A file for findings. `close` tells an EnvironmentError when they could not all be written. */
async function openForFindings(
  path: string,
): Promise<{ stream: Writable; close: () => Promise<void> }> {
  const unwritable = (error: unknown) =>
    new EnvironmentError(
      `cannot write ${path}: ${(error as Error).message}`,
      'name a file that can be written, on a disk with room',
      error,
    )
  const handle = await open(path, 'w').catch((error: unknown) => {
    throw unwritable(error)
  })
  const stream = handle.createWriteStream()
  const written = finished(stream)
  // Told by `close`, which may be much later.
  written.catch(() => undefined)
  return {
    stream,
    close: async () => {
      stream.end()
      await written.catch((error: unknown) => {
        throw unwritable(error)
      })
    },
  }
}
