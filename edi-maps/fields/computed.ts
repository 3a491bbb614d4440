// A computed element: it follows from the rest of the document, which is compared when all is read.
import { parsePosition, put, type LoadedComputed, type Writing } from '../field.js'
import type { ComputedField, Computing, Node } from '../map.js'

/** Its extras hold how it differs: '' = left out, text = sent though not usual, or both values. */
export function loadComputed(
  field: ComputedField,
  id: string,
  key: string,
  index: number,
): LoadedComputed {
  const at = parsePosition(field.computed)
  const loaded: LoadedComputed = {
    id,
    index,
    key,
    field,
    takes: [at.element],
    isAlwaysRead: true,
    writesKept: true,
    unreadable: 'code-invalid',
    read(reading, node) {
      reading.sent(loaded, node, reading.elements.at(at.element, at.component))
      return false
    },
    write(writing, _node, extras) {
      const hint = extras?.[key]
      if (hint === '' || (hint === undefined && !field.usual)) return false
      const text = field.value(writing.computing())
      const written =
        typeof hint === 'object' ? differing(field, hint as Node, text, writing) : text
      if (written === undefined || written === '') return false
      put(writing, at, written)
      return true
    },
  }
  return loaded
}

function differing(
  field: ComputedField,
  hint: Node,
  text: string | undefined,
  writing: Writing,
): string | undefined {
  const other = field.others?.[String(hint['counts'])]
  if (other !== undefined) return other(writing.computing())
  return hint['computed'] === (text ?? '') ? String(hint['sent']) : text
}

/** What to keep of a computed element that was sent as `text` where `computed` follows from the document. */
export function computedHint(
  { field }: LoadedComputed,
  text: string,
  computed: string | undefined,
  from: Computing,
): unknown {
  if (text === (computed ?? '')) return field.usual || text === '' ? undefined : text
  if (text === '') return field.usual ? '' : undefined
  for (const [name, other] of Object.entries(field.others ?? {})) {
    if (other(from) === text) return { counts: name }
  }
  return { sent: text, computed: computed ?? '' }
}
