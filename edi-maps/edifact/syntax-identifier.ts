// UNB S001: which syntax identifier and version an agreement's character set means, and what each can write.
import { charsetNamed, type Charset } from '../charset.js'
import { charsetOf, identifierOf } from './header.js'

export interface SyntaxIdentifier {
  /** 0001, e.g. `UNOC`. */
  readonly identifier: string
  /** 0002. */
  readonly version: number
  readonly charset: Charset
}

/** Syntax version where the agreement does not say one; UTF-8 needs version 4. */
const USUAL_VERSION = 3
const VERSION_OF_UTF8 = 4
const LEVEL_A = /^[A-Z0-9 .,\-()/=!"%&*;<>?+:']*$/

/** `UNOC:3`, `UNOA`, `latin1`, `utf-8` …; undefined for one that cannot be written. */
export function syntaxIdentifier(name = 'UNOC:3'): SyntaxIdentifier | undefined {
  const [, stated, version] = /^(UNO[A-Z])(?::([1-4]))?$/.exec(name) ?? []
  const charset = stated === undefined ? charsetNamed(name) : (charsetOf(stated) ?? 'ascii')
  const identifier = stated ?? (charset === undefined ? undefined : identifierOf(charset))
  if (charset === undefined || identifier === undefined) return undefined
  const usual = charset === 'utf-8' ? VERSION_OF_UTF8 : USUAL_VERSION
  return { identifier, version: Number(version ?? usual), charset }
}

/** Whether a value has only characters of level A (UNOA): capitals, digits and some signs. */
export const isLevelA = (value: string): boolean => LEVEL_A.test(value)
