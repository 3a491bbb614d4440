// What both printers say of a rendering as a whole.
import type { FindingCounts, Rendering, Section } from '../../edi-maps/render/render.js'
import { counted } from '../../edi-maps/render/wording.js'

/** `2 errors, 1 warning`. */
const findingCount = ({ errors, warnings }: FindingCounts): string =>
  [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ].join(', ')

/** The same, and how many of them are shown where that is not all. */
function shownCount({ findings, counts }: Pick<Section, 'findings' | 'counts'>): string {
  const isAll = findings.length === counts.errors + counts.warnings
  const which = isAll ? '' : `; ${findings.length} are shown, edigw validate tells all`
  return findingCount(counts) + which
}

/** What stands over the findings of the file. */
export const fileTitle = (rendering: Rendering): string => `The file: ${shownCount(rendering)}`

/** What stands over the findings of a document. */
export const findingTitle = (section: Section): string =>
  `${section.state === 'refused' ? 'What is wrong' : 'What to look at'}: ${shownCount(section)}`

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

export function renderingTitle({ sections, others }: Rendering): string {
  const [only, ...more] = sections
  if (only === undefined) return 'No document'
  return more.length === 0 ? only.title : counted(sections.length + others.count, 'document')
}

/** One line for each of several documents. */
export const contentsOf = ({ sections }: Rendering): string[] =>
  sections.length < 2
    ? []
    : sections.map(({ title, state, counts }) =>
        [
          title,
          ...(state === 'refused' ? ['refused'] : []),
          ...(findingCount(counts) === '' ? [] : [findingCount(counts)]),
        ].join(' – '),
      )

/** What is said of documents that are not shown. */
export function othersText({ others: { count, refused } }: Rendering): string | undefined {
  if (count === 0) return undefined
  const errors = refused === 0 ? '' : `, ${refused} of them refused`
  return `… and ${counted(count, 'more document is', 'more documents are')} not shown${errors}: edigw translate gives all of them`
}
