// What both printers say of a rendering as a whole.
import type { FindingNote } from '../../edi-maps/render/finding.js'
import type { Rendering, Section } from '../../edi-maps/render/render.js'
import { counted } from '../../edi-maps/render/wording.js'

/** `2 errors, 1 warning`. */
export function findingCount(findings: readonly FindingNote[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  return [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ].join(', ')
}

export const FILE_FINDINGS = 'The file'

/** What stands over the findings of a document. */
export const findingTitle = ({ findings, state }: Section): string =>
  `${state === 'refused' ? 'What is wrong' : 'What to look at'}: ${findingCount(findings)}`

/** What the findings mean for the whole document; `isRefused` is what must not be overlooked. */
export function verdict({
  state,
  page,
  findings,
  toldTo,
}: Section): { readonly isRefused: boolean; readonly text: string } | undefined {
  if (state === 'read') {
    if (findings.length === 0) return undefined
    const text =
      'This document is not refused; it is used as it came. First look at what stands here.'
    return { isRefused: false, text }
  }
  const told = toldTo === undefined ? '' : ` The acknowledgement tells ${toldTo}.`
  const what = `This document has errors: it is refused, nothing of it is used.${told}`
  const shown = page === undefined ? 'It cannot be shown.' : 'What could be read stands below.'
  return { isRefused: true, text: `${what} ${shown}` }
}

export function renderingTitle({ sections }: Rendering): string {
  const [only, ...others] = sections
  if (only === undefined) return 'No document'
  return others.length === 0 ? only.title : counted(sections.length, 'document')
}

/** One line for each of several documents. */
export const contentsOf = ({ sections }: Rendering): string[] =>
  sections.length < 2
    ? []
    : sections.map(({ title, state, findings }) =>
        [
          title,
          ...(state === 'refused' ? ['refused'] : []),
          ...(findings.length === 0 ? [] : [findingCount(findings)]),
        ].join(' – '),
      )
