// UUID v7 (RFC 9562 §5.7): sortable by time, so indexes grow at one end.

/** A source of new ids; a test passes one that counts. */
export type NewId = () => string

/**
 * `now` gives milliseconds since 1970, `random` fills its argument. Ids made in one millisecond count up in rand_a
 * (method 1 of §6.2), so one process never makes them out of order.
 */
export function uuidSource(now: () => number, random: (bytes: Uint8Array) => Uint8Array): NewId {
  let last = 0
  let counter = 0
  return () => {
    const bytes = random(new Uint8Array(16))
    const time = Math.max(now(), last)
    counter = time === last ? counter + 1 : ((bytes[6]! & 0x03) << 8) | bytes[7]!
    last = counter > 0xfff ? time + 1 : time
    if (counter > 0xfff) counter = 0
    const view = new DataView(bytes.buffer)
    view.setUint16(0, Math.floor(last / 2 ** 32))
    view.setUint32(2, last % 2 ** 32)
    view.setUint16(6, 0x7000 | counter)
    bytes[8] = 0x80 | (bytes[8]! & 0x3f)
    const hex = Buffer.from(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}
