// A partner's server for our client: OpenSSH's sftp-server behind a login with passwords and keys that needs no user of
// the operating system, and that can break connections at a chosen moment.
import { afterAll } from '@jest/globals'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import ssh2, { type Connection, type ServerChannel } from 'ssh2'
import { packetsOf } from '../../../../gateway/channels/sftp/wire.js'

const SFTP_SERVER = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
].find((path) => existsSync(path))

/** Types of requests, as the draft numbers them. */
export const REQUEST = { open: 3, write: 6, remove: 13, rename: 18, extended: 200 } as const

export interface PartnerServerOptions {
  /** Private host keys; several are offered together. */
  hostKeys: readonly string[]
  user: string
  password?: string
  /** Only by keyboard-interactive, as some appliances have it. */
  keyboardOnly?: boolean
  /** Public key in authorized_keys form. */
  publicKey?: string
  algorithms?: ssh2.ServerConfig['algorithms']
  /** Largest file in KiB. */
  quotaKiB?: number | undefined
  /** Called with each request; `cut` breaks the connection once it was done, before its answer is heard. */
  onRequest?: ((type: number, count: number) => 'go on' | 'cut') | undefined
}

export interface PartnerServer {
  readonly port: number
  /** May be changed while it runs; holds for the next connection. */
  readonly options: PartnerServerOptions
  /** Bytes of all requests so far. */
  readonly taken: { bytes: number; logins: number }
}

/** The listing begins in `folder`. */
export async function partnerServer(
  folder: string,
  given: PartnerServerOptions,
): Promise<PartnerServer> {
  if (SFTP_SERVER === undefined) throw new Error('OpenSSH’s sftp-server is not installed')
  const options = { ...given }
  const taken = { bytes: 0, logins: 0 }
  const open = new Set<{ destroy(): void }>()
  const listener = createServer((socket) => {
    socket.setNoDelay(true)
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    const server = new ssh2.Server(
      {
        hostKeys: [...options.hostKeys],
        ...(options.algorithms ? { algorithms: options.algorithms } : {}),
      },
      (connection) => serve(connection, () => socket.destroy()),
    )
    server.injectSocket(socket)
  })

  const serve = (connection: Connection, cut: () => void) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      const { user, password, keyboardOnly, publicKey } = options
      const methods = keyboardOnly
        ? (['keyboard-interactive'] as const)
        : (['publickey', 'password'] as const)
      const refuse = () => context.reject([...methods])
      if (context.username !== user) return refuse()
      if (context.method === 'password' && !keyboardOnly && context.password === password)
        return context.accept()
      if (context.method === 'keyboard-interactive' && keyboardOnly)
        return context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
          answers[0] === password ? context.accept() : refuse(),
        )
      if (context.method === 'publickey' && publicKey !== undefined) {
        const key = ssh2.utils.parseKey(publicKey)
        if (!(key instanceof Error) && key.getPublicSSH().equals(context.key.data))
          return context.accept()
      }
      return refuse()
    })
    connection.on('session', (accept) => {
      accept().on('subsystem', (start) => {
        taken.logins++
        void pipe(start(), cut)
      })
    })
  }

  const pipe = async (channel: ServerChannel, cut: () => void) => {
    // A write over the limit fails like a full quota instead of ending the server.
    const limit =
      options.quotaKiB === undefined ? '' : `trap "" XFSZ; ulimit -f ${options.quotaKiB * 2};`
    const child = spawn('sh', ['-c', `${limit} exec "$0" -d "$1"`, SFTP_SERVER!, folder], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    open.add({ destroy: () => child.kill() })
    child.stdin.on('error', () => undefined)
    let cutAfter: number | undefined
    void (async () => {
      for await (const packet of packetsOf(child.stdout)) {
        if (packet.length >= 5 && packet.readUInt32BE(1) === cutAfter) {
          cut()
          return
        }
        channel.write(framed(packet))
      }
      channel.exit(0)
      channel.end()
    })()
    let count = 0
    for await (const packet of packetsOf(channel)) {
      taken.bytes += packet.length
      const id = packet.readUInt32BE(1)
      if (options.onRequest?.(packet[0]!, ++count) === 'cut') cutAfter = id
      child.stdin.write(framed(packet))
    }
    child.stdin.end()
  }

  const port = await new Promise<number>((done) =>
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      if (typeof address === 'object' && address !== null) done(address.port)
    }),
  )
  afterAll(async () => {
    for (const one of open) one.destroy()
    await new Promise((closed) => listener.close(closed))
  })
  return { port, options, taken }
}

function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(packet.length)
  return Buffer.concat([length, packet])
}
