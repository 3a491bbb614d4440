// Who may speak for a partner before a byte of the message is read: the addresses, the TLS client certificate and the HTTP
// password its settings name.
import { BlockList, isIPv6 } from 'node:net'
import { verifyPassword } from '../../security/password.js'
import type { Incoming } from './incoming.js'
import type { Partner } from './partner.js'

/** Undefined when the caller is let in, else the HTTP status to refuse it with. */
export async function refuseCaller(
  { settings, secrets }: Partner,
  { origin, tlsFingerprint, headers }: Pick<Incoming, 'origin' | 'tlsFingerprint' | 'headers'>,
): Promise<401 | 403 | undefined> {
  const { from, user, tlsCertificate } = settings.accept ?? {}
  if (from !== undefined && !inRanges(origin, from)) return 403
  const pinned = tlsCertificate?.replaceAll(':', '').toLowerCase()
  if (pinned !== undefined && pinned !== tlsFingerprint) return 403
  if (user === undefined) return undefined
  const given = basic(headers.get('authorization'))
  const known = given?.user === user ? secrets.acceptPassword : undefined
  return (await verifyPassword(given?.password ?? '', known)) ? undefined : 401
}

function basic(authorization: string | undefined) {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** Whether an address lies in one of the ranges (`192.0.2.0/24`, `2001:db8::1`); IPv4 within IPv6 counts as IPv4. */
export function inRanges(address: string, ranges: readonly string[]): boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [net, bits] = range.split('/')
    const family = isIPv6(net!) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(net!, family)
    else list.addSubnet(net!, Number(bits), family)
  }
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}
