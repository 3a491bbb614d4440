// A finding as the API tells it; docs/errors.md explains the codes.
import { Type } from '@sinclair/typebox'
import { words } from '../../../edi-maps/canonical/values.js'

const about = (description: string) => Type.Optional(Type.String({ description }))
const count = (description: string) => Type.Optional(Type.Integer({ description }))

/** `Issue` of edi-maps, or of something else than EDI only code, path and text. */
export const Finding = Type.Object({
  code: Type.String({ description: 'A code of docs/errors.md.' }),
  severity: Type.Optional(words(['error', 'warning', 'info'] as const)),
  text: Type.String({ description: 'What is wrong, in one sentence.' }),
  offset: count('First byte, in the payload as it came.'),
  end: count('One past the last byte.'),
  line: count('Line of the payload, from 1.'),
  segment: count('Segment of the payload, from 1: what edigw explain --segment takes.'),
  segmentIndex: count(
    'Segment of the set from 1 = ST or UNH, as acknowledgements count; of a finding on the envelope, of the interchange from 1 = ISA or UNB.',
  ),
  tag: about('Tag of the segment.'),
  loop: about('Loop the segment stands in.'),
  element: count('Element, from 1.'),
  component: count('Component, from 1.'),
  repetition: count('Repetition, from 1.'),
  elementRef: about('Number of the data element.'),
  value: about('What stands there, at most 99 characters.'),
  expected: about('What would have been right.'),
  path: about('Place in the Document.'),
})
