// Does a partner's server answer? A connection is opened and closed again; nothing is sent over it.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect, rootCertificates, TLSSocket } from 'node:tls'
import { describeError } from '../../errors.js'
import { publicLookup, refusePrivateHost } from '../../security/private-address.js'
import type { Partner } from './partner.js'

const WAIT_MS = 20_000

export type Probe =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly text: string }

/** Connects as a POST would, with the partner's TLS settings. */
export async function probe(
  address: string,
  { settings, secrets }: Pick<Partner, 'settings' | 'secrets'>,
): Promise<Probe> {
  const url = new URL(address)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = url.protocol === 'https:'
  let socket: Socket | undefined
  try {
    if (settings.privateNetwork !== true) refusePrivateHost(url)
    const options = {
      host,
      port: Number(url.port || (secure ? 443 : 80)),
      ...(settings.privateNetwork === true ? {} : { lookup: publicLookup }),
    }
    socket = secure
      ? tlsConnect({
          ...options,
          servername: host,
          minVersion: 'TLSv1.2',
          ...(settings.ca === undefined ? {} : { ca: [...rootCertificates, settings.ca] }),
          ...(secrets.tlsCertificate === undefined ? {} : { cert: secrets.tlsCertificate }),
          ...(secrets.tlsKey === undefined ? {} : { key: secrets.tlsKey }),
        })
      : connect(options)
    await once(socket, secure ? 'secureConnect' : 'connect', {
      signal: AbortSignal.timeout(WAIT_MS),
    })
    return { ok: true, text: describe(socket) }
  } catch (error) {
    return { ok: false, text: describeError(error) }
  } finally {
    socket?.destroy()
  }
}

function describe(socket: Socket): string {
  const where = `${socket.remoteAddress} port ${socket.remotePort}`
  if (!(socket instanceof TLSSocket)) return `${where} answers, without TLS`
  const { subject, valid_to: until } = socket.getPeerCertificate()
  return `${where} answers with ${socket.getProtocol()}, certificate of ${subject?.CN ?? '?'} until ${until}`
}
