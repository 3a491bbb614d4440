// File names that travel with a payload: found wherever products put them, and made safe to show and to store. A name is
// metadata; nothing is ever stored under it.
import { Malformed } from '../failure.js'
import type { Headers } from './headers.js'
import { decodeCharset, readParameters } from './parameters.js'

export interface FileName {
  /** Safe: no folders, no control characters, at most 255 bytes; never empty. */
  readonly name: string
  /** Whether something had to be taken away. */
  readonly changed: boolean
}

/** The file name of an entity: Content-Disposition first, then `name` of Content-Type. */
export function fileNameOf(headers: Headers): FileName | undefined {
  const found =
    parameterOf(headers.get('content-disposition'), 'filename') ??
    parameterOf(headers.get('content-type'), 'name')
  return found === undefined || found === '' ? undefined : safeFileName(decodeWords(found))
}

function parameterOf(value: string | undefined, name: string): string | undefined {
  if (value === undefined) return undefined
  try {
    return readParameters(value).parameters.get(name)
  } catch (error) {
    // An unreadable file name (unbalanced quotes are common) must not lose the payload.
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Encoded words (RFC 2047) have no place in a parameter, but products put them there. */
function decodeWords(text: string): string {
  return text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(
      /=\?([^?\s]{1,40})\?([BbQq])\?([^?\s]*)\?=/g,
      (_, charset: string, kind: string, data: string) => {
        const bytes =
          kind.toUpperCase() === 'B'
            ? Buffer.from(data, 'base64')
            : Buffer.from(
                data
                  .replaceAll('_', ' ')
                  .replace(/=([0-9A-Fa-f]{2})/g, (__, hex: string) =>
                    String.fromCharCode(parseInt(hex, 16)),
                  ),
                'latin1',
              )
        return decodeCharset(bytes, charset)
      },
    )
}

/** The last component of a path, without what breaks a terminal, a log or a file system. */
export function safeFileName(text: string): FileName {
  const last = text.split(/[/\\]/).at(-1) ?? ''
  let name = last.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '').trim()
  if (/^\.*$/.test(name)) name = 'unnamed'
  while (Buffer.byteLength(name) > 255) name = [...name].slice(0, -1).join('')
  return { name, changed: name !== text }
}
