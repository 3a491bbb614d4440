// Dates (DTM), references (RFF with the date of what is referred to) and texts (FTX) as lists.
import type { Static } from '@sinclair/typebox'
import type { DateEntry, Note as NoteSchema, Reference } from '../../canonical/values.js'
import { code, codeElement, text, type GroupCodec } from '../../elements.js'
import { bind, on, type SlotOf, type Through, type View } from '../../map.js'
import { DATE_KIND, NOTE_TOPIC, REFERENCE } from '../codes.js'
import { isMomentFormat, moment, momentForm } from '../elements.js'

type Note = Static<typeof NoteSchema>

const entry = on<DateEntry>()
const reference = on<Reference>()
const note = on<Note>()

/** 2005 of the date of a document that a reference names. */
export const REFERENCE_DATE = '171'

/** A moment; a text that is none though its format says so is told. */
export const told: GroupCodec<string> = {
  ...moment,
  decode(texts, report) {
    const found = moment.decode(texts, report)
    const [value = '', format = ''] = texts
    if (found === undefined && value !== '' && isMomentFormat(format)) {
      const text = `${value} is no date of format ${format}.`
      report('date-invalid', { text, value, expected: momentForm(format) })
    }
    return found
  },
}

const dated: GroupCodec<Partial<DateEntry>> = {
  width: 3,
  refs: [DATE_KIND.element, undefined, '2379'],
  unreadable: 'date-invalid',
  decode([kind = '', value = '', format = ''], report) {
    const type = DATE_KIND.word(kind)
    // The date stands second, behind what it is.
    const tell: typeof report = (issue, more) => report(issue, { ...more, at: 1 })
    const found = value === '' ? undefined : told.decode([value, format], tell)
    return type === undefined || found === undefined ? undefined : { type, value: found }
  },
  encode({ type = '', value = '' }, kept, report) {
    const usual = DATE_KIND.code(type)
    const written = moment.encode(value, [undefined, kept[2]], report)
    if (usual === undefined || written === undefined) return undefined
    const kind = kept[0] !== undefined && DATE_KIND.word(kept[0]) === type ? kept[0] : usual
    return [kind, ...written]
  },
}

/** A date that cannot be read (a period, a week) is no item of the list: the segment is kept. */
const dateView: View<{ dates?: DateEntry[] }, DateEntry> = {
  keepsExtras: true,
  split: ({ dates = [] }) => dates,
  join(owner, found) {
    ;(owner.dates ??= []).push(found)
    return true
  },
}

/** DTM as a list, for any node that has `dates`. */
export const dates = on<{ dates?: DateEntry[] }>().view(
  dateView,
  () => ({ type: '', value: '' }),
  {},
  [entry.spread(['1-1', '1-2', '1-3'], dated)],
)

/** RFF as a list, for any node that has `references`; `structure` is the group after RFF, where it is one. */
export const references = (
  structure?: readonly SlotOf<unknown>[],
  options: { only?: (found: Reference) => boolean } = {},
) =>
  on<{ references?: Reference[] }>().each(
    'references',
    () => ({ type: '', value: '' }),
    { needs: ['value'], ...options },
    [reference.at('1-1', 'type', code(REFERENCE)), reference.at('1-2', 'value', text)],
    structure === undefined ? undefined : withDate(structure),
  )

/** The group after RFF with the date of what is referred to. */
export const withDate = (structure: readonly SlotOf<unknown>[]): SlotOf<Reference>[] =>
  structure.some(({ tag }) => tag === 'DTM')
    ? bind<Reference>(structure, {
        DTM: [
          reference.self(
            { when: { '1-1': REFERENCE_DATE } },
            reference.group(['1-2', '1-3'], 'date', told),
          ),
        ],
      })
    : [...structure]

/** C108: a text of up to five lines. */
export const freeText: GroupCodec<string> = {
  width: 5,
  decode: (texts) => texts.filter((line) => line !== '').join('\n'),
  encode(value) {
    const lines = value.split('\n').flatMap(folded)
    return lines.length > 5 ? undefined : [...lines, '', '', '', '', ''].slice(0, 5)
  },
}
/** 4440 in D.96A; a later directory takes more, no partner needs it. */
const LINE = 70
const folded = (line: string) => line.match(new RegExp(`.{1,${LINE}}`, 'gu')) ?? []

/** A text must say what it is about: one that does not is general. */
const topic: Through<Note, string> = {
  get: (told) => told.topic ?? 'general',
  set(told, about) {
    told.topic = about
  },
}

/** FTX as a list, for any node that has `notes`. */
export const notes = on<{ notes?: Note[] }>().each(
  'notes',
  () => ({ text: '' }),
  { needs: ['text'] },
  [
    note.through([1], 'topic', topic, codeElement(NOTE_TOPIC)),
    note.group(['4-1', '4-2', '4-3', '4-4', '4-5'], 'text', freeText),
  ],
)
