// SFTP as every channel, both ways: partners who log in to us with OpenSSH, and a partner's server, OpenSSH's too.
import { describe } from '@jest/globals'
import { mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Channel, Mailbox } from '../../../../gateway/channels/channel.js'
import { RetryableError } from '../../../../gateway/errors.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { spoolOf } from '../../../../gateway/spool.js'
import { readWholeBlob, storeBlobs } from '../../../../gateway/store/blobs.js'
import { sftpConnections } from '../../../../gateway/store/sftp-connections.js'
import { testDatabase, until } from '../../../postgres.js'
import { channelConformance } from '../../../conformance/channel.js'
import { connectionSettings, ourServer } from './our-server.js'
import { keyPair, sftp } from './openssh.js'
import { partnerServer } from './partner-server.js'
import { scratch } from './scratch.js'

const { db } = await testDatabase()
const folder = scratch()
const connections = sftpConnections(db, sealer(Buffer.alloc(32, 7)))
const [key, host] = [await keyPair(folder, 'partner'), await keyPair(folder, 'host')]
let failing = false
const ours = await ourServer(db, folder, {
  connections,
  wrapMailbox: (mailbox): Mailbox => ({
    ...mailbox,
    deposit: (deposit) =>
      failing
        ? Promise.reject(new RetryableError('the database is away'))
        : mailbox.deposit(deposit),
  }),
})
const home = join(folder, 'home')
mkdirSync(join(home, 'outbox'), { recursive: true })
mkdirSync(join(home, 'inbox'))
const partner = await partnerServer(home, {
  hostKeys: [readFileSync(host.path, 'utf8')],
  user: 'gateway',
  publicKey: key.line,
})

const taken = async () => {
  const rows = await db.query<{ identity: string; sha256: Buffer }>(
    'select identity, sha256 from inbox',
  )
  return Promise.all(
    rows.map(async ({ identity, sha256 }) => ({
      identity,
      bytes: await readWholeBlob(db, sha256),
    })),
  )
}
const failDeposits = (fail: boolean) => {
  failing = fail
}

describe('a partner who logs in to us', () => {
  channelConformance({ carries: true, refuses: true, takes: true }, async () => {
    await ours.addAccount('example-supplier', { keys: [key.line] })
    const login = { port: ours.port, user: 'example-supplier', folder, key: key.path }
    const fetched = join(folder, 'fetched')
    mkdirSync(fetched)
    return {
      channel: ours.channel as Channel,
      address: { account: 'example-supplier' },
      keep: (bytes) => db.tx((tx) => storeBlobs(tx, [spoolOf(bytes)])),
      wrongAddresses: [{}, { account: 'a', connection: 'b' }, { account: 'a', more: 1 }],
      refusing: { account: 'nobody' },
      arrived: async () => {
        // `-` goes on where there is nothing to fetch.
        await sftp(login, [`-get out/* ${fetched}`])
        return readdirSync(fetched).map((name) => readFileSync(join(fetched, name)))
      },
      receipts: async () => ours.receipts,
      identity: 'example-supplier',
      handIn: async (name, bytes) => {
        writeFileSync(join(folder, name), bytes)
        return (await sftp(login, [`put ${join(folder, name)} in/${name}`])).code === 0
      },
      taken,
      failDeposits,
    }
  })
})

describe('a server we log in to', () => {
  channelConformance({ carries: true, goes: true, refuses: true, takes: true }, async () => {
    const settings = connectionSettings({
      host: '127.0.0.1',
      port: partner.port,
      user: 'gateway',
      hostKeys: [host.line],
      put: { folder: 'inbox' },
      fetch: { folder: 'outbox', every: 3600, stable: 0 },
    })
    const secrets = { privateKey: readFileSync(key.path, 'utf8') }
    await connections.save(db, { id: 'example-retail', settings, secrets })
    const gone = { ...connectionSettings({ ...settings, port: 1 }) }
    delete gone.fetch
    await connections.save(db, { id: 'example-gone', settings: gone, secrets })
    let seconds = 1_700_000_000
    const times = new Map<string, number>()
    return {
      channel: ours.channel as Channel,
      address: { connection: 'example-retail' },
      wrongAddresses: [{ folder: 'inbox' }],
      unreachable: { connection: 'example-gone' },
      refusing: { connection: 'nobody' },
      arrived: async () =>
        readdirSync(join(home, 'inbox')).map((name) => readFileSync(join(home, 'inbox', name))),
      identity: 'example-retail',
      /** The same file again has the same time: it was not removed, or copied back. */
      handIn: async (name, bytes) => {
        const path = join(home, 'outbox', name)
        const time = times.get(name) ?? ++seconds
        times.set(name, time)
        writeFileSync(path, bytes)
        utimesSync(path, time, time)
        await db.query('update sftp_connection set not_before = now()')
        await ours.channel.tasks!.find((task) => task.name === 'sftp polls')!.run()
        await until('the poll has ended', async () => {
          const open = await db.query(
            'select id from sftp_connection where lease_until is not null',
          )
          return open.length === 0
        })
        const gone = !readdirSync(join(home, 'outbox')).includes(name)
        rmSync(path, { force: true })
        return gone
      },
      taken,
      failDeposits,
    }
  })
})
