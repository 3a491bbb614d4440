// Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02, as OpenSSH speaks it), from bytes and to bytes. Own code
// because ssh2's server side cannot announce extensions and takes writes without any backpressure.

/** Status codes of version 3 (§7). There is none for a full quota: `failure` with a text says it. */
export const STATUS = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const
export type Status = (typeof STATUS)[keyof typeof STATUS]

/** Bits of the flags of OPEN (§6.3). */
export const OPEN = {
  read: 0x01,
  write: 0x02,
  append: 0x04,
  create: 0x08,
  truncate: 0x10,
  exclusive: 0x20,
} as const

/** File attributes; what is absent was not sent. Times are seconds since 1970. */
export interface Attributes {
  readonly size?: number
  readonly uid?: number
  readonly gid?: number
  readonly mode?: number
  readonly atime?: number
  readonly mtime?: number
}

export interface NameEntry {
  readonly name: string
  readonly longName: string
  readonly attributes: Attributes
}

/** A request as it came; `id` is repeated in the answer. */
export type Request =
  | { readonly type: 'init'; readonly version: number }
  | {
      readonly type: 'open'
      readonly id: number
      readonly path: string
      readonly flags: number
      readonly attributes: Attributes
    }
  | {
      readonly type: 'close' | 'fstat' | 'readdir'
      readonly id: number
      readonly handle: string
    }
  | {
      readonly type: 'read'
      readonly id: number
      readonly handle: string
      readonly offset: number
      readonly length: number
    }
  | {
      readonly type: 'write'
      readonly id: number
      readonly handle: string
      readonly offset: number
      readonly data: Buffer
    }
  | {
      readonly type: 'lstat' | 'stat' | 'opendir' | 'remove' | 'rmdir' | 'realpath' | 'readlink'
      readonly id: number
      readonly path: string
    }
  | {
      readonly type: 'setstat' | 'mkdir'
      readonly id: number
      readonly path: string
      readonly attributes: Attributes
    }
  | {
      readonly type: 'fsetstat'
      readonly id: number
      readonly handle: string
      readonly attributes: Attributes
    }
  | {
      readonly type: 'rename' | 'symlink'
      readonly id: number
      readonly path: string
      readonly to: string
    }
  | {
      readonly type: 'posix-rename'
      readonly id: number
      readonly path: string
      readonly to: string
    }
  | { readonly type: 'fsync'; readonly id: number; readonly handle: string }
  | { readonly type: 'limits'; readonly id: number }
  | { readonly type: 'statvfs'; readonly id: number; readonly path: string }
  | { readonly type: 'unknown'; readonly id: number; readonly name: string }

/** Bytes that are no SFTP packet: the session cannot go on. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** Longest packet taken or made, without its length field; OpenSSH's own limit. */
export const MAX_PACKET = 262_144
/** Longest data of one READ or WRITE that fits into it. */
export const MAX_DATA = MAX_PACKET - 1024
/** Bytes of a block in the answer to statvfs, in which clients count room. */
const BLOCK = 1024
/** Handles a session may have open at once. */
export const MAX_HANDLES = 64

const EXTENSIONS: readonly (readonly [string, string])[] = [
  ['posix-rename@openssh.com', '1'],
  ['fsync@openssh.com', '1'],
  ['limits@openssh.com', '1'],
  ['statvfs@openssh.com', '2'],
]

const BY_CODE = new Map<number, Request['type'] | 'extended'>([
  [1, 'init'],
  [3, 'open'],
  [4, 'close'],
  [5, 'read'],
  [6, 'write'],
  [7, 'lstat'],
  [8, 'fstat'],
  [9, 'setstat'],
  [10, 'fsetstat'],
  [11, 'opendir'],
  [12, 'readdir'],
  [13, 'remove'],
  [14, 'mkdir'],
  [15, 'rmdir'],
  [16, 'realpath'],
  [17, 'stat'],
  [18, 'rename'],
  [19, 'readlink'],
  [20, 'symlink'],
  [200, 'extended'],
])

class Reader {
  readonly #bytes: Buffer
  #at = 1

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** A position in a file; beyond 2^53 there is none. */
  uint64(): number {
    const value = this.#bytes.readBigUInt64BE(this.#take(8))
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WireError('an offset beyond 2^53')
    return Number(value)
  }

  bytes(): Buffer {
    const length = this.uint32()
    const from = this.#take(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  handle(): string {
    const handle = this.bytes()
    if (handle.length > 256) throw new WireError('a handle of more than 256 bytes')
    return handle.toString('latin1')
  }

  attributes(): Attributes {
    const flags = this.uint32()
    const found: { -readonly [K in keyof Attributes]: Attributes[K] } = {}
    if (flags & 0x1) found.size = this.uint64()
    if (flags & 0x2) {
      found.uid = this.uint32()
      found.gid = this.uint32()
    }
    if (flags & 0x4) found.mode = this.uint32()
    if (flags & 0x8) {
      found.atime = this.uint32()
      found.mtime = this.uint32()
    }
    if (flags & 0x80000000) for (let left = 2 * this.uint32(); left > 0; left--) this.bytes() // extended pairs: not ours
    return found
  }

  #take(length: number): number {
    const from = this.#at
    if (from + length > this.#bytes.length) throw new WireError('a packet ends too early')
    this.#at = from + length
    return from
  }
}

/** Reads one packet (without its length field). Throws WireError. `data` of a write is a view, not a copy. */
export function parseRequest(packet: Buffer): Request {
  const type = BY_CODE.get(packet[0] ?? -1)
  if (type === undefined) throw new WireError(`packet type ${packet[0]} is no request`)
  const from = new Reader(packet)
  if (type === 'init') return { type, version: from.uint32() }
  const id = from.uint32()
  switch (type) {
    case 'open':
      return {
        type,
        id,
        path: from.text(),
        flags: from.uint32(),
        attributes: from.attributes(),
      }
    case 'close':
    case 'fstat':
    case 'readdir':
      return { type, id, handle: from.handle() }
    case 'read':
      return {
        type,
        id,
        handle: from.handle(),
        offset: from.uint64(),
        length: from.uint32(),
      }
    case 'write':
      return {
        type,
        id,
        handle: from.handle(),
        offset: from.uint64(),
        data: from.bytes(),
      }
    case 'lstat':
    case 'stat':
    case 'opendir':
    case 'remove':
    case 'rmdir':
    case 'realpath':
    case 'readlink':
      return { type, id, path: from.text() }
    case 'setstat':
    case 'mkdir':
      return { type, id, path: from.text(), attributes: from.attributes() }
    case 'fsetstat':
      return { type, id, handle: from.handle(), attributes: from.attributes() }
    case 'rename':
    case 'symlink':
      return { type, id, path: from.text(), to: from.text() }
    default:
      return extended(id, from)
  }
}

function extended(id: number, from: Reader): Request {
  const name = from.text()
  switch (name) {
    case 'posix-rename@openssh.com':
      return { type: 'posix-rename', id, path: from.text(), to: from.text() }
    case 'fsync@openssh.com':
      return { type: 'fsync', id, handle: from.handle() }
    case 'limits@openssh.com':
      return { type: 'limits', id }
    case 'statvfs@openssh.com':
      return { type: 'statvfs', id, path: from.text() }
    default:
      return { type: 'unknown', id, name }
  }
}

/** Bytes of one string: its length, then itself. */
function string(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length)
  values.forEach((value, n) => bytes.writeUInt32BE(value >>> 0, 4 * n))
  return bytes
}

function uint64(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length)
  values.forEach((value, n) => bytes.writeBigUInt64BE(BigInt(value), 8 * n))
  return bytes
}

function packet(type: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 1)
  return Buffer.concat([uint32(length), Buffer.of(type), ...parts], length + 4)
}

function attributes(a: Attributes): Buffer {
  const parts: Buffer[] = []
  let flags = 0
  if (a.size !== undefined) {
    flags |= 0x1
    parts.push(uint64(a.size))
  }
  if (a.uid !== undefined && a.gid !== undefined) {
    flags |= 0x2
    parts.push(uint32(a.uid, a.gid))
  }
  if (a.mode !== undefined) {
    flags |= 0x4
    parts.push(uint32(a.mode))
  }
  if (a.atime !== undefined && a.mtime !== undefined) {
    flags |= 0x8
    parts.push(uint32(a.atime, a.mtime))
  }
  return Buffer.concat([uint32(flags), ...parts])
}

/** Answers, complete with their length field. */
export const answer = {
  /** To INIT: version 3 and the extensions served. */
  version: () =>
    packet(2, uint32(3), ...EXTENSIONS.flatMap(([name, data]) => [string(name), string(data)])),
  status: (id: number, code: Status, text: string) =>
    packet(101, uint32(id, code), string(text), string('')),
  handle: (id: number, handle: string) =>
    packet(102, uint32(id), string(Buffer.from(handle, 'latin1'))),
  data: (id: number, data: Buffer) => packet(103, uint32(id, data.length), data),
  names: (id: number, names: readonly NameEntry[]) =>
    packet(
      104,
      uint32(id, names.length),
      ...names.flatMap((n) => [string(n.name), string(n.longName), attributes(n.attributes)]),
    ),
  attributes: (id: number, a: Attributes) => packet(105, uint32(id), attributes(a)),
  /** limits@openssh.com: longest packet, READ and WRITE, and open handles. */
  limits: (id: number) =>
    packet(201, uint32(id), uint64(MAX_PACKET, MAX_DATA, MAX_DATA, MAX_HANDLES)),
  /** statvfs@openssh.com: how much there may be, and how much of it is free. Files are not counted. */
  room: (id: number, bytes: number, free: number) => {
    const [blocks, left] = [Math.ceil(bytes / BLOCK), Math.floor(free / BLOCK)]
    return packet(201, uint32(id), uint64(BLOCK, BLOCK, blocks, left, left, 0, 0, 0, 0, 0, 255))
  },
}

/** Cuts a byte stream into packets. Throws WireError on an impossible length; an incomplete last packet is dropped. */
export async function* packetsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  let wanted = 4
  let length: number | undefined
  for await (let chunk of stream) {
    while (chunk.length > 0) {
      const piece = chunk.subarray(0, wanted - size)
      chunk = chunk.subarray(piece.length)
      held.push(piece)
      size += piece.length
      if (size < wanted) break
      const whole = held.length === 1 ? held[0]! : Buffer.concat(held, size)
      held = []
      size = 0
      if (length === undefined) {
        length = whole.readUInt32BE()
        if (length < 1 || length > MAX_PACKET) throw new WireError(`a packet of ${length} bytes`)
        wanted = length
        continue
      }
      length = undefined
      wanted = 4
      yield whole
    }
  }
}
