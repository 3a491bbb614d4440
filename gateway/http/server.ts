// The HTTP server: node:http in front, some paths served directly, the rest by the API. It ends in good
// order: no new requests, open ones answered, then closed.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { EnvironmentError } from '../environment-error.js'
import type { Log } from '../log.js'
import type { Meter } from '../meter.js'
import type { Api } from './api.js'
import { open, type Exchange } from './exchange.js'
import { followTls, readTls, type TlsFiles } from './tls.js'

export interface HttpOptions {
  host: string
  port: number
  /** Absent: plain HTTP. */
  tls?: TlsFiles
  api: Api
  /** What node:http serves itself, by method and path. */
  direct: Readonly<Record<string, (exchange: Exchange) => Promise<void>>>
  log: Log
  meter: Meter
  /** Longest time for the headers of a request. */
  slowClientMs: number
}

export interface HttpServer {
  /** Address as given, with the port that was taken. */
  readonly url: string
  /** Resolves when the last open request is answered, after `drainMs` at the latest. */
  stop(drainMs: number): Promise<void>
}

const MAX_HEADER_MS = 10_000

/** Starts listening. EnvironmentError when the address cannot be had. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port, tls, api, direct } = options
  let stopping = false
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    if (stopping) response.setHeader('Connection', 'close')
    open(request, response, options, (exchange) => {
      const serve = direct[`${request.method} ${exchange.url.pathname}`] ?? api
      return serve(exchange)
    })
  }
  const settings = {
    headersTimeout: Math.min(MAX_HEADER_MS, options.slowClientMs),
    requestTimeout: 0, // bodies are paced by what comes, not by a total: a large one may take long
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 65_000, // longer than the usual minute of a load balancer
  }
  // Which client certificate is good is decided by whose caller it is: partners pin theirs.
  const asked = { minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false } as const
  const secure = tls && createTlsServer({ ...settings, ...asked, ...readTls(tls) })
  const server = secure ?? createServer(settings)
  const unfollow = secure && tls && followTls(secure, tls, options.log)
  server.on('request', handle)
  server.on('checkContinue', handle) // pacedBody says 100 once the request has been let in
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    unfollow?.()
    throw new EnvironmentError(
      `the gateway cannot listen on ${host} port ${port}: ${(cause as Error).message}`,
      'end the program that has the port, or choose others with HOST and PORT',
      cause,
    )
  }
  const address = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    stop: async (drainMs) => {
      stopping = true
      unfollow?.()
      const closed = once(server, 'close')
      server.close()
      // A connection whose last request ends only now would be kept alive for the next one.
      const idle = setInterval(() => server.closeIdleConnections(), 50)
      const timer = setTimeout(() => server.closeAllConnections(), drainMs)
      await closed
      clearInterval(idle)
      clearTimeout(timer)
    },
  }
}
