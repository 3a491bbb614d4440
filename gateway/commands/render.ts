// `edigw render`: documents as a person reads them.
import { parseArgs } from 'node:util'
import { segmentsIn } from '../../edi-maps/payload.js'
import { render as renderInput } from '../../edi-maps/render/render.js'
import { agreedReading, readAgreementFile } from '../agreement-file.js'
import { UsageError, type Command } from '../command.js'
import { isShownDocument } from '../document-check.js'
import { readWhole } from '../edi-input.js'
import { hasColours, write } from '../output.js'
import { ProgressBar } from '../progress.js'
import { renderingHtml } from '../render/html.js'
import { renderingText } from '../render/text.js'

/** Pages are read by people: larger inputs are not what they are for, and all of the input is held. */
const MAX_BYTES = 20 * 1024 * 1024

export const render: Command = {
  usage: `edigw render FILE [--html] [--agreement FILE]

  The documents of an input as a person reads them: packing list, invoice, shipping order, shipment status,
  acknowledgement; above each what is wrong with it, in plain words. FILE - is standard input.
  --html            one HTML page that loads nothing, for a browser or a printer
  --agreement FILE  an agreement whose overrides are used

  Exit code 1: at least one finding is an error. A document with one shows what could be read of it.`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { html: { type: 'boolean', default: false }, agreement: { type: 'string' } },
    })
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError('name one file, or - for standard input')
    const agreement =
      values.agreement === undefined ? undefined : await readAgreementFile(values.agreement, io)
    const bytes = await readWhole(path, io, MAX_BYTES)
    const bar = new ProgressBar(bytes.length, io.stderr)
    const rendering = renderInput(segmentsIn(bytes), {
      readUpTo: (byte) => bar.show(byte),
      agreedOf: (type, version) => agreedReading(agreement, type, version),
      ...(agreement === undefined ? {} : { sender: agreement.theirRole }),
      isDocument: isShownDocument,
    })
    bar.clear()
    const colour = hasColours(io.stdout)
    await write(
      io.stdout,
      values.html ? renderingHtml(rendering) : renderingText(rendering, { colour }),
    )
    return rendering.hasError ? 1 : 0
  },
}
