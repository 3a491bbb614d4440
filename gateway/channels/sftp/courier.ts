// Brings bytes to partners' servers. A login costs more than a small file, so a connection is kept for a moment.
import { RetryableError, describeError } from '../../errors.js'
import type { Fault } from '../../fault.js'
import type { SftpConnection, SftpConnections } from '../../store/sftp-connections.js'
import type { Payload, Receipt, SendMeta } from '../channel.js'
import { put } from './put.js'
import { ConnectionError, connect, statusOf, type Remote } from './remote.js'
import { STATUS } from './wire.js'

export interface Courier {
  send(
    address: { readonly connection: string; readonly folder?: string | undefined },
    payload: Payload,
    meta: SendMeta,
  ): Promise<Receipt>
  /** Ends the connections that are kept. */
  stop(): void
}

/** How long an unused connection is kept. */
const KEEP_MS = 10_000

interface Kept {
  readonly remote: Remote
  /** Settings and secrets it was made with. */
  readonly made: string
  readonly ends: NodeJS.Timeout
}

export interface CourierOptions {
  readonly connections: SftpConnections
  readonly fault: Fault
}

export function courier({ connections, fault }: CourierOptions): Courier {
  const kept = new Map<string, Kept>()
  let stopped = false

  const take = async (connection: SftpConnection): Promise<Remote> => {
    const one = kept.get(connection.id)
    kept.delete(connection.id)
    clearTimeout(one?.ends)
    if (one?.remote.usable && one.made === madeWith(connection)) return one.remote
    one?.remote.end()
    return connect(connection.settings, connection.secrets)
  }

  const giveBack = (connection: SftpConnection, remote: Remote) => {
    if (stopped || !remote.usable || kept.has(connection.id)) {
      remote.end()
      return
    }
    const ends = setTimeout(() => {
      kept.delete(connection.id)
      remote.end()
    }, KEEP_MS)
    ends.unref()
    kept.set(connection.id, { remote, made: madeWith(connection), ends })
  }

  return {
    send: async (address, payload, meta) => {
      const connection = await connections.find(address.connection)
      if (!connection)
        return {
          state: 'refused',
          reason: `there is no active SFTP connection ${address.connection}`,
          retry: false,
        }
      const { id, settings } = connection
      const folder = address.folder ?? settings.put.folder
      let remote: Remote | undefined
      try {
        remote = await take(connection)
        const { path } = await put(
          remote,
          {
            connection: id,
            folder,
            fileName: meta.fileName,
            payload,
            key: meta.idempotencyKey,
            settings: settings.put,
          },
          connections,
          fault,
        )
        await connections.worked(id, 'put')
        return {
          state: 'transferred',
          evidence: { connection: id, host: settings.host, path, bytes: payload.size },
        }
      } catch (error) {
        const told = folderError(error, folder)
        if (told instanceof ConnectionError) await connections.failed(id, 'put', told)
        throw told
      } finally {
        if (remote) giveBack(connection, remote)
      }
    },
    stop: () => {
      stopped = true
      for (const { remote, ends } of kept.values()) {
        clearTimeout(ends)
        remote.end()
      }
      kept.clear()
    },
  }
}

const madeWith = ({ settings, secrets }: SftpConnection) => JSON.stringify([settings, secrets])

/** What the server says of the folder is for people; everything else may be over by itself. */
function folderError(error: unknown, folder: string): unknown {
  const status = statusOf(error)
  if (status === undefined || error instanceof RetryableError) return error
  const text = `${folder}: the server says ${describeError(error)}`
  return status === STATUS.noSuchFile || status === STATUS.permissionDenied
    ? new ConnectionError('folder', text, error)
    : new RetryableError(text, { cause: error })
}
