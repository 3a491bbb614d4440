// The certificate the gateway shows its callers, from two PEM files that are read at the start and again when they
// change: a new certificate needs no restart, and files that do not fit leave the old one in force.
import { readFileSync, statSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import { EnvironmentError } from '../environment-error.js'
import { describeError } from '../errors.js'
import type { Log } from '../log.js'

/** Absolute paths: certificate with its chain, private key. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

export interface TlsPair {
  readonly cert: Buffer
  readonly key: Buffer
}

const LOOK_MS = 2_000

/** Throws EnvironmentError for files that cannot be read or do not belong together. */
export function readTls({ certificate, key }: TlsFiles): TlsPair {
  try {
    const pair = { cert: readFileSync(certificate), key: readFileSync(key) }
    createSecureContext(pair)
    return pair
  } catch (cause) {
    throw new EnvironmentError(
      `the gateway's TLS certificate cannot be used: ${describeError(cause)}`,
      'EDIGW_TLS_CERTIFICATE and EDIGW_TLS_KEY name PEM files that belong together',
      cause,
    )
  }
}

/** Uses changed files for new connections; gives the function that ends it. */
export function followTls(server: Server, files: TlsFiles, log: Log): () => void {
  const state = () => {
    try {
      return [files.certificate, files.key]
        .map((path) => statSync(path))
        .map(({ mtimeMs, ino, size }) => `${mtimeMs} ${ino} ${size}`)
        .join()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'being replaced'
      throw error
    }
  }
  let known = state()
  const timer = setInterval(() => {
    const now = state()
    if (now === known || now === 'being replaced') return
    known = now
    try {
      server.setSecureContext(readTls(files))
      log.info('the new TLS certificate is in use')
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error
      log.error({ err: error }, 'the new TLS certificate is not used')
    }
  }, LOOK_MS)
  return () => clearInterval(timer)
}

/** SHA-256 of the certificate the peer has proved to hold, in hex; undefined without one. */
export function peerFingerprint(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const { fingerprint256 } = socket.getPeerCertificate()
  // Without a certificate Node gives an empty object, whatever its type says.
  return (fingerprint256 as string | undefined)?.replaceAll(':', '').toLowerCase()
}
