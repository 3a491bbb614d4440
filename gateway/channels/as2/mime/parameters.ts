// Header values with parameters (Content-Type, Content-Disposition): read with RFC 2231 continuations and character
// sets, written so that every product understands what plain ASCII can say.
import { Malformed } from '../failure.js'

/** `value` in lower case, parameter names in lower case, parameter values decoded. */
export interface Parameterized {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const PARAMETER = /;\s*(?:([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*)))?\s*/y

/** Reads `type/subtype; name=value; …`. Throws Malformed for broken quoting and for a parameter that stands twice. */
export function readParameters(text: string): Parameterized {
  const start = text.indexOf(';')
  const value = (start < 0 ? text : text.slice(0, start)).trim().toLowerCase()
  const plain = new Map<string, string>()
  PARAMETER.lastIndex = start < 0 ? text.length : start
  while (PARAMETER.lastIndex < text.length) {
    const at = PARAMETER.lastIndex
    const match = PARAMETER.exec(text)
    if (match === null) throw new Malformed('parameters cannot be read', at)
    const [, name, quoted, bare] = match
    if (name === undefined) continue
    const key = name.toLowerCase()
    if (plain.has(key)) throw new Malformed(`parameter ${key} stands more than once`, at)
    plain.set(key, quoted === undefined ? bare!.trim() : quoted.replace(/\\(.)/g, '$1'))
  }
  return { value, parameters: joinExtended(plain) }
}

/** Puts `name*=`, `name*0=`, `name*1*=` … together (RFC 2231 §3, §4); they win over a plain `name`. */
function joinExtended(plain: ReadonlyMap<string, string>): Map<string, string> {
  const result = new Map<string, string>()
  const extended = new Map<string, Map<number, { text: string; encoded: boolean }>>()
  for (const [key, text] of plain) {
    const [, name, index, star] = /^([^*]+)(?:\*(\d{1,2}))?(\*?)$/.exec(key) ?? []
    if (name === undefined) throw new Malformed(`parameter ${key} cannot be read`, 0)
    if (index === undefined && star === '') result.set(name, text)
    else {
      const pieces = extended.get(name) ?? new Map<number, { text: string; encoded: boolean }>()
      extended.set(name, pieces.set(Number(index ?? 0), { text, encoded: star === '*' }))
    }
  }
  for (const [name, pieces] of extended) {
    const ordered = [...pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece)
    const charset = ordered[0]?.encoded ? /^([^']*)'[^']*'/.exec(ordered[0].text) : null
    const bytes = ordered.map(({ text, encoded }, index) => {
      const rest = index === 0 && charset !== null ? text.slice(charset[0].length) : text
      return encoded ? percentDecoded(rest) : Buffer.from(rest)
    })
    result.set(name, decodeCharset(Buffer.concat(bytes), charset?.[1] ?? 'utf-8'))
  }
  return result
}

function percentDecoded(text: string): Buffer {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1')
}

/** Text in a named character set; an unknown one is read byte by byte, since a name is never worth a failure. */
export function decodeCharset(bytes: Buffer, charset: string): string {
  if (/^(utf-?8|us-ascii|)$/i.test(charset)) return bytes.toString('utf8')
  return bytes.toString('latin1')
}

/** `; name=value`, quoted where needed, by RFC 2231 where it is not ASCII. Throws Malformed for control characters. */
export function parameter(name: string, value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Malformed(`control character in parameter ${name}`, 0)
  if (TOKEN.test(value)) return `; ${name}=${value}`
  if (/^[ -~]*$/.test(value)) return `; ${name}="${value.replace(/[\\"]/g, '\\$&')}"`
  const encoded = encodeURIComponent(value).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `; ${name}*=UTF-8''${encoded}`
}
