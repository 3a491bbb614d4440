// What the segment writers of both standards share: bringing a value into a character set, and telling what could not
// be written as it was.
import { encodeValue, type Charset } from './charset.js'
import { finding, type Issue, type IssueCode } from './issue.js'
import type { WriterOptions } from './standard.js'

/** Where a value is written: element and component count from 1. */
export interface WrittenAt {
  readonly tag: string
  readonly element: number
  readonly component?: number
}

const NOWHERE = { offset: 0, end: 0, line: 0 }
const MAX_VALUE = 99
/** Letters without a decomposition into a basic letter and marks. */
const FOLDS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
}

export class WriteNotes {
  readonly issues: Issue[] = []
  /** Number of the segment being written, the header being 1. */
  segmentIndex = 0
  private readonly standard: 'x12' | 'edifact'
  private readonly replacement: string | undefined

  constructor(standard: 'x12' | 'edifact', { replacement }: WriterOptions) {
    this.standard = standard
    this.replacement = replacement
  }

  /** Byte text of a value; characters the character set has not are folded or replaced, and reported. */
  encoded(value: string, charset: Charset, at: WrittenAt): string {
    const direct = encodeValue(value, charset)
    if (direct !== undefined) return direct
    const { replacement } = this
    let isLost = false
    let text = ''
    for (const char of value) {
      const folded = FOLDS[char] ?? char.normalize('NFD').replace(/\p{M}/gu, '')
      const bytes = encodeValue(char, charset) ?? encodeValue(folded, charset)
      isLost ||= bytes === undefined
      text += bytes ?? replacement ?? '?'
    }
    if (isLost && replacement === undefined) {
      this.refuse(at, value, `The character set cannot write “${value}”.`)
    } else {
      this.replaced(at, value, text)
    }
    return text
  }

  /** The value must not be sent. */
  refuse(at: WrittenAt, value: string, text: string): void {
    this.tell('value-not-writable', at, value, text)
  }

  replaced(at: WrittenAt, value: string, written: string): void {
    this.tell('character-replaced', at, value, `“${value}” is written as “${written}”.`)
  }

  private tell(code: IssueCode, at: WrittenAt, value: string, text: string): void {
    const { tag, element, component = 1 } = at
    this.issues.push(
      finding(this.standard, code, NOWHERE, text, {
        tag,
        segmentIndex: this.segmentIndex,
        element,
        ...(component === 1 ? {} : { component }),
        ...(value === '' ? {} : { value: value.slice(0, MAX_VALUE) }),
      }),
    )
  }
}

/** Takes trailing empty components, repetitions or elements away. */
export function trim(texts: string[]): string[] {
  while (texts.at(-1) === '') texts.pop()
  return texts
}

/** Puts line breaks that wrapped the input back into the texts of a segment's tag and elements. */
export function wrap(
  parts: string[],
  breaks: readonly (readonly [element: number, at: number, bytes: string])[] = [],
): void {
  for (const [element, at, bytes] of [...breaks].reverse()) {
    const text = parts[element] ?? ''
    parts[element] = text.slice(0, at) + bytes + text.slice(at)
  }
}
