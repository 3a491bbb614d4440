// Output of commands in bounded memory, and findings with what they mean for the exit code.
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Issue } from '../edi-maps/issue.js'
import type { ExitCode, Io } from './command.js'
import { findingLine } from './finding-line.js'
import { CLEAR_LINE } from './progress.js'
import type { PlacedDocument } from './read-documents.js'

/** Writes and waits when the reader is slower. Rejects with what broke the stream, which would never drain. */
export async function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.errored) throw stream.errored
  if (!stream.write(data)) await once(stream, 'drain')
}

interface Telling {
  readonly answer?: string | undefined
  readonly about?: PlacedDocument | undefined
}

/** `the Document in line 3 (0001234)`. */
const nameOf = ({ place, document }: PlacedDocument) => `${place} (${document.documentNumber})`

function asJson(issue: Issue, about: PlacedDocument | undefined): string {
  if (about === undefined) return JSON.stringify(issue)
  const { place, line, document } = about
  return JSON.stringify({ document: { place, line, number: document.documentNumber }, ...issue })
}

/** Findings told one by one; `exitCode` is 1 once one of them is an error. */
export class Findings {
  exitCode: ExitCode = 0
  readonly counts = { error: 0, warning: 0, info: 0 }
  private readonly stream: Writable
  private readonly asJson: boolean

  constructor(io: Io, { to, asJson }: { to: 'stdout' | 'stderr' | Writable; asJson: boolean }) {
    this.stream = typeof to === 'string' ? io[to] : to
    this.asJson = asJson
  }

  /**
   * With a type of acknowledgement (`answer`) the lines say what that tells of a finding. `about`: the Document to be
   * written; as JSON its line, where it has one, and its number.
   */
  async tell(issues: readonly Issue[], { answer, about }: Telling = {}): Promise<void> {
    for (const issue of issues) {
      this.counts[issue.severity]++
      if (issue.severity === 'error') this.exitCode = 1
      const line = this.asJson ? asJson(issue, about) : this.colour(issue, { answer, about })
      await write(this.stream, `${line}\n`)
    }
  }

  private colour(issue: Issue, { answer, about }: Telling): string {
    const { stream } = this
    const line = findingLine(issue, answer, about && nameOf(about))
    // A progress bar may stand there.
    const begin = 'isTTY' in stream && stream.isTTY === true ? CLEAR_LINE : ''
    if (!hasColours(stream)) return begin + line
    return `${begin}\x1b[${{ error: 31, warning: 33, info: 36 }[issue.severity]}m${line}\x1b[0m`
  }
}

/** Whether a stream is a terminal that shows colours and NO_COLOR does not forbid them, as Node tells it. */
export const hasColours = (stream: Writable): boolean =>
  'hasColors' in stream && typeof stream.hasColors === 'function' && stream.hasColors() === true
