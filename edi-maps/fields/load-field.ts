// A row of a table made ready: the kind of field it is, and what bounds it.
import type { Holds } from '../agreed.js'
import type { Codec, GroupCodec } from '../elements.js'
import type { FieldNames, LoadedField } from '../field.js'
import type { Field } from '../map.js'
import { loadGroup } from './group.js'
import { loadSingle } from './single.js'

const isGroup = (codec: Codec<unknown> | GroupCodec<unknown>): codec is GroupCodec<unknown> =>
  'width' in codec

export function loadField(field: Field, names: FieldNames): LoadedField {
  const loaded = isGroup(field.codec)
    ? loadGroup(field, field.codec, names)
    : loadSingle(field, field.codec, names)
  const { holds, ofDocument = false } = field
  return holds === undefined && !ofDocument ? loaded : bounded(loaded, ofDocument, holds)
}

/** A field that is not there for every document, or not about the segment's own node. */
function bounded(field: LoadedField, ofDocument: boolean, holds: Holds = () => true): LoadedField {
  return {
    ...field,
    read: (reading, node) =>
      holds(reading.document) && field.read(reading, ofDocument ? reading.document : node),
    write: (writing, node, extras) =>
      holds(writing.document) && field.write(writing, ofDocument ? writing.document : node, extras),
  }
}
