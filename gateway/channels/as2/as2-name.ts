// AS2-From and AS2-To (RFC 4130 §6.2): 1 to 128 printable characters, compared exactly, quoted where they hold blanks,
// quotes or backslashes.
import { Malformed } from './failure.js'

/** Reads a header value. Throws Malformed for what is no AS2 name. */
export function parseAs2Name(text: string): string {
  const trimmed = text.trim()
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(trimmed)?.[1]
  const name = quoted === undefined ? trimmed : quoted.replace(/\\(.)/g, '$1')
  // Blanks inside an unquoted name are against the grammar, but sent; they cannot be misread.
  const bare = quoted === undefined && /["\\]/.test(trimmed)
  if (bare || !/^[ -~]{1,128}$/.test(name)) throw new Malformed('not an AS2 name', 0)
  return name
}

/** Writes a header value. */
export function formatAs2Name(name: string): string {
  if (!/^[ -~]{1,128}$/.test(name)) throw new Malformed('not an AS2 name', 0)
  return /[ "\\]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name
}

/** Message-ID as it stands, with or without angle brackets. Throws Malformed for blanks, controls and over 998 bytes. */
export function parseMessageId(text: string): string {
  const id = text.trim()
  if (!/^[!-~]{1,998}$/.test(id)) throw new Malformed('not a message id', 0)
  return id
}
