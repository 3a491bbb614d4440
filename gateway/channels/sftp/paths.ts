// Paths inside a partner's virtual root: always absolute, always normalised, never a path of this machine.
import { STATUS, type Status } from './wire.js'

/** A request that is answered with a status and a text instead of being done. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: Status

  constructor(status: Status, text: string) {
    super(text)
    this.status = status
  }
}

/** Longest file name that is stored, in bytes of its encoded form; see `diskName`. */
const MAX_NAME = 240
const MAX_PATH = 1024

/**
 * The absolute path a client means: relative paths start at the root, `.` and empty parts vanish, `..` stops at the
 * root. Throws Refusal for control characters, a backslash, invalid UTF-8 and paths over 1 024 characters.
 */
export function resolvePath(path: string): string {
  if (path.length > MAX_PATH) throw new Refusal(STATUS.failure, 'the path is too long')
  // U+FFFD is what bytes that are no UTF-8 decode to.
  if (/[\u0000-\u001f\u007f-\u009f\\\ufffd\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(path))
    throw new Refusal(STATUS.failure, 'the path has characters that are not allowed')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** Folder and last part of a normalised path; the root has the name ''. */
export function splitPath(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/')
  return {
    folder: at === 0 ? '/' : path.slice(0, at),
    name: path.slice(at + 1),
  }
}

/** `folder` and `name` as one path. */
export function joinPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}

/**
 * A name for a partner's file on this machine's disk: reversible, the same on file systems that ignore case, never a
 * reserved name. Throws Refusal when it would be too long.
 */
export function diskName(name: string): string {
  let encoded = 'f-'
  for (const byte of Buffer.from(name, 'utf8')) {
    const char = String.fromCharCode(byte)
    if (/[a-z0-9_.-]/.test(char)) encoded += char
    else if (/[A-Z]/.test(char)) encoded += `^${char.toLowerCase()}`
    else encoded += `%${byte.toString(16).padStart(2, '0')}`
  }
  if (encoded.length > MAX_NAME) throw new Refusal(STATUS.failure, 'the file name is too long')
  return encoded
}

/** The name `diskName` was made of; undefined when it is none of ours. */
export function nameOnDisk(encoded: string): string | undefined {
  if (!/^f-(?:[a-z0-9_.-]|\^[a-z]|%[0-9a-f]{2})+$/.test(encoded)) return undefined
  const bytes: number[] = []
  for (let at = 2; at < encoded.length; at++) {
    const char = encoded[at]!
    if (char === '^') bytes.push(encoded.charCodeAt(++at) - 32)
    else if (char === '%') {
      bytes.push(parseInt(encoded.slice(at + 1, at + 3), 16))
      at += 2
    } else bytes.push(encoded.charCodeAt(at))
  }
  return Buffer.from(bytes).toString('utf8')
}
