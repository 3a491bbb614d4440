// Addresses an outgoing connection must not reach unless somebody has said so: a URL that comes from outside, or a name
// that suddenly resolves elsewhere, must not point the gateway at its own network.
import { lookup } from 'node:dns'
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net'

/** Special-purpose ranges (RFC 6890): this host, private, shared, link-local with cloud metadata, test, multicast. */
const RANGES: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
]

const blocked = new BlockList()
for (const [net, bits] of RANGES) blocked.addSubnet(net, bits, isIPv6(net) ? 'ipv6' : 'ipv4')

/** Whether an IP address lies in such a range; IPv4 within IPv6 counts as IPv4. */
function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return blocked.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

/** A URL that must not be called: its host is, or resolves to, a private address. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError'

  constructor(host: string) {
    super(`${host} is an address of a private network`)
  }
}

/**
 * `lookup` for a connection: it is made to the address that was checked, so a second answer of the name server changes
 * nothing. Fails with PrivateAddressError when any address of the name is private.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const first = addresses?.[0]
    if (error !== null || first === undefined) return callback(error, [])
    if (addresses.some(({ address }) => isPrivateAddress(address)))
      return callback(new PrivateAddressError(hostname), [])
    if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

/** Throws PrivateAddressError for a URL whose host is an address as it stands, which no `lookup` sees. */
export function refusePrivateHost(url: URL): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw new PrivateAddressError(host)
}
