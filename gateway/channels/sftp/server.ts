// Our SFTP server: connections, limits and time-outs. It offers SFTP and nothing else: no shell, no commands, no
// forwarding; ssh2 refuses what nobody listens for.
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2'
import { EnvironmentError } from '../../environment-error.js'
import { describeError } from '../../errors.js'
import type { SftpAccount } from '../../store/sftp.js'
import { doorkeeper, type LoginOptions } from './login.js'
import { serveSession } from './session.js'
import type { Note, PartnerTree } from './tree.js'

/** Modern algorithms only; those of OpenSSH 7 (2015) and later clients are among them. */
const ALGORITHMS: ssh2.Algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'],
  // No hmac-sha2-256-etm: clients prefer it, and without SHA instructions it takes half as long again as the 512 one.
  hmac: ['hmac-sha2-512-etm@openssh.com', 'hmac-sha2-512', 'hmac-sha2-256'],
  compress: ['none'],
}

export interface ServerOptions extends Omit<LoginOptions, 'note'> {
  readonly host: string
  readonly port: number
  /** Private keys in OpenSSH form. */
  readonly hostKeys: readonly string[]
  /** What an account sees; `note` adds account and address to an audit entry. */
  readonly treeOf: (account: SftpAccount, address: string, note: Note) => PartnerTree
  readonly audit: (
    account: string,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ) => void
  /** A failure of ours inside a connection, which goes on or was closed. */
  readonly failed: (
    error: unknown,
    about: { readonly account?: string; readonly address: string },
  ) => void
  /** Connections at once, in all and from one address (default 200, 20). */
  readonly maxConnections?: number
  readonly maxPerAddress?: number
  /** Time to log in, and time without a request (default 30 s, 10 min). */
  readonly loginMs?: number
  readonly idleMs?: number
}

export interface SftpServer {
  /** Port that was taken. */
  readonly port: number
  /** Refuses new connections and ends those there are; uploads in progress stay resumable. */
  close(): Promise<void>
}

/** Grace between a polite end and a cut. */
const LINGER_MS = 2_000

export async function startServer(options: ServerOptions): Promise<SftpServer> {
  const { maxConnections = 200, maxPerAddress = 20, attempts } = options
  const door = doorkeeper({
    ...options,
    note: (action, account, detail) => options.audit(account, action, detail),
  })
  const ssh = new ssh2.Server({
    hostKeys: [...options.hostKeys],
    algorithms: ALGORITHMS,
    ident: 'edigw',
  })
  const sockets = new Map<string, { socket: Socket; late: NodeJS.Timeout }>()
  const sessions = new Map<string, number>()
  const running = new Set<Promise<void>>()
  const keyOf = (address: string | undefined, port: number | undefined) => `${address} ${port}`

  const listener = createServer((socket) => {
    const address = socket.remoteAddress ?? ''
    const fromHere = [...sockets.values()].filter(
      ({ socket: s }) => s.remoteAddress === address,
    ).length
    if (sockets.size >= maxConnections || fromHere >= maxPerAddress || attempts.wait(address) > 0) {
      socket.destroy()
      return
    }
    const key = keyOf(address, socket.remotePort)
    const late = setTimeout(() => socket.destroy(), options.loginMs ?? 30_000)
    sockets.set(key, { socket, late })
    socket.once('close', () => {
      clearTimeout(late)
      sockets.delete(key)
    })
    socket.setNoDelay(true)
    ssh.injectSocket(socket)
  })

  ssh.on('connection', (connection: Connection, info) => {
    serveConnection(connection, info.ip, sockets.get(keyOf(info.ip, info.port)))
  })

  const serveConnection = (
    connection: Connection,
    address: string,
    from: { socket: Socket; late: NodeJS.Timeout } | undefined,
  ) => {
    const about = () => {
      const name = guest.account()?.name
      return name === undefined ? { address } : { account: name, address }
    }
    const guest = door(address, (error) => options.failed(error, about()))
    const end = () => {
      connection.end()
      setTimeout(() => from?.socket.destroy(), LINGER_MS).unref()
    }
    const idle = setTimeout(() => {
      options.audit(guest.account()?.name ?? '', 'sftp.idle', { address })
      end()
    }, options.idleMs ?? 600_000)

    // A lost connection is the partner's; 'close' follows and does what there is to do.
    connection.on('error', () => undefined)
    connection.on('authentication', (context: AuthContext) => {
      void guest.decide(context).then((go) => {
        if (!go) end()
      })
    })
    connection.on('ready', () => {
      clearTimeout(from?.late)
      idle.refresh()
    })
    connection.once('close', () => {
      clearTimeout(idle)
      guest.over()
    })
    connection.on('session', (accept, reject) => {
      const account = guest.account()
      if (!account) return reject()
      const session = accept()
      session.on('subsystem', (open, refuse, { name }) => {
        const count = sessions.get(account.name) ?? 0
        if (name !== 'sftp' || count >= account.settings.maxSessions) {
          options.audit(account.name, 'sftp.session-refused', { address, subsystem: name, count })
          refuse()
          return
        }
        sessions.set(account.name, count + 1)
        const run = serve(open(), account, address, () => idle.refresh(), about).finally(() => {
          sessions.set(account.name, (sessions.get(account.name) ?? 1) - 1)
          running.delete(run)
        })
        running.add(run)
      })
    })
  }

  const serve = async (
    stream: ServerChannel,
    account: SftpAccount,
    address: string,
    active: () => void,
    about: () => { account?: string; address: string },
  ) => {
    const note: Note = (action, detail) =>
      options.audit(account.name, action, { address, ...detail })
    try {
      await serveSession(stream, {
        tree: options.treeOf(account, address, note),
        owner: account.name,
        active,
        failed: (error) => options.failed(error, about()),
        exit: () => stream.exit(0),
      })
    } catch (error) {
      options.failed(error, about())
    }
  }

  listener.listen(options.port, options.host)
  try {
    await once(listener, 'listening')
  } catch (cause) {
    throw new EnvironmentError(
      `the SFTP server cannot listen on ${options.host} port ${options.port}: ${describeError(cause)}`,
      'end the program that has the port, or choose others with EDIGW_SFTP_HOST and EDIGW_SFTP_PORT',
      cause,
    )
  }
  const bound = listener.address()
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      for (const { socket } of sockets.values()) socket.destroySoon()
      const cut = setTimeout(() => sockets.forEach(({ socket }) => socket.destroy()), LINGER_MS)
      await closed
      clearTimeout(cut)
      await Promise.all(running)
    },
  }
}
