import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type ssh2 from 'ssh2'
import type { ConnectionSecrets } from '../../../../gateway/channels/sftp/remote.js'
import type { Receipt } from '../../../../gateway/channels/channel.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { readWholeBlob } from '../../../../gateway/store/blobs.js'
import { sftpConnections } from '../../../../gateway/store/sftp-connections.js'
import { testDatabase, until } from '../../../postgres.js'
import { keyPair, startSshd } from './openssh.js'
import { connectionSettings, newId, ourServer } from './our-server.js'
import { REQUEST, partnerServer } from './partner-server.js'
import { scratch } from './scratch.js'

const { db } = await testDatabase()
const folder = scratch()
const home = join(folder, 'home')
const KEY = Buffer.alloc(32, 7)
const connections = sftpConnections(db, sealer(KEY))
for (const name of ['outbox', 'inbox', 'done']) mkdirSync(join(home, name), { recursive: true })
const [first, second, login] = [
  await keyPair(folder, 'host1'),
  await keyPair(folder, 'host2', 'ecdsa'),
  await keyPair(folder, 'gateway'),
]
const partner = await partnerServer(home, {
  hostKeys: [readFileSync(first.path, 'utf8')],
  user: 'gateway',
  password: 'partner gave us this',
  publicKey: login.line,
})
const sshd = await startSshd(folder, { hostKey: first.path, authorizedKey: login.line })
afterAll(sshd.stop)
const ours = await ourServer(db, folder, { connections })

const settingsOf = (given: object) =>
  connectionSettings({
    host: '127.0.0.1',
    port: partner.port,
    user: 'gateway',
    hostKeys: [first.line],
    ...given,
  })

beforeEach(async () => {
  await db.query(
    'truncate inbox, job, lane, stage_event, sftp_connection, sftp_remote_file, sftp_put, alert cascade',
  )
  for (const name of ['inbox', 'outbox', 'done'])
    for (const file of readdirSync(join(home, name))) rmSync(join(home, name, file))
  Object.assign(partner.options, {
    hostKeys: [readFileSync(first.path, 'utf8')],
    keyboardOnly: false,
    quotaKiB: undefined,
    onRequest: undefined,
    algorithms: undefined,
  })
  partner.taken.bytes = 0
  ours.failures.length = 0
})

const byKey = (): ConnectionSecrets => ({ privateKey: readFileSync(login.path, 'utf8') })
let changes = 0
/** Every change of settings makes a new connection. */
const connect = (given: object = {}, secrets: ConnectionSecrets = byKey()) =>
  connections.save(db, {
    id: 'example-retail',
    settings: settingsOf({ timeoutSeconds: 20 + ++changes, ...given }),
    secrets,
  })

const payloadOf = (bytes: Buffer) => ({
  sha256: createHash('sha256').update(bytes).digest(),
  size: bytes.length,
  async *read() {
    for (let at = 0; at < bytes.length; at += 262_144) yield bytes.subarray(at, at + 262_144)
  },
})
const send = (bytes: Buffer, key = newId(), fileName = '856-1.edi'): Promise<Receipt> =>
  ours.channel.send({ connection: 'example-retail', folder: 'inbox' }, payloadOf(bytes), {
    sendId: key,
    partner: 'example-retail',
    idempotencyKey: `${key}.1`,
    correlationId: key,
    contentType: 'application/edi-x12',
    fileName,
  })
const arrived = () => readdirSync(join(home, 'inbox')).sort()
const bytesOf = (name: string) => readFileSync(join(home, 'inbox', name))

const offer = (name: string, text: string | Buffer, at?: number) => {
  const path = join(home, 'outbox', name)
  writeFileSync(path, text)
  if (at !== undefined) utimesSync(path, at, at)
  return path
}
const offered = () => readdirSync(join(home, 'outbox')).sort()
const FETCH = { folder: 'outbox', every: 3600, stable: 0 }
/** Polls now, to the end. */
const poll = async () => {
  await db.query('update sftp_connection set not_before = now()')
  const task = ours.channel.tasks!.find((one) => one.name === 'sftp polls')!
  await task.run()
  await until('the poll has ended', async () => {
    const [row] = await db.query<{ open: boolean }>(
      'select lease_until is not null as open from sftp_connection',
    )
    return row && !row.open
  })
}
const fetched = async () => {
  const rows = await db.query<{ file_name: string; sha256: Buffer; identity: string }>(
    'select file_name, sha256, identity from inbox order by received_at, id',
  )
  return Promise.all(
    rows.map(async (row) => `${row.file_name} ${(await readWholeBlob(db, row.sha256)).toString()}`),
  )
}
const alerts = async () =>
  (await db.query<{ kind: string }>('select kind from alert where closed_at is null')).map(
    (one) => one.kind,
  )

test('puts a file on OpenSSH’s own server under its name, complete, with a key', async () => {
  const target = join(folder, 'sshd-home')
  mkdirSync(target)
  await connect({ port: sshd.port, user: sshd.user, put: { folder: target } })
  const bytes = randomBytes(3_000_000)
  const receipt = await ours.channel.send({ connection: 'example-retail' }, payloadOf(bytes), {
    sendId: newId(),
    partner: 'example-retail',
    idempotencyKey: 'a.1',
    correlationId: 'c',
    contentType: 'application/edi-x12',
    fileName: '856-1.edi',
  })
  expect(receipt).toMatchObject({
    state: 'transferred',
    evidence: { path: join(target, '856-1.edi'), bytes: bytes.length },
  })
  expect(readdirSync(target)).toEqual(['856-1.edi'])
  expect(readFileSync(join(target, '856-1.edi')).equals(bytes)).toBe(true)
})

test.each(['password', 'keyboard-interactive'])('logs in by %s', async (method) => {
  partner.options.keyboardOnly = method !== 'password'
  await connect({}, { password: 'partner gave us this' })
  expect((await send(Buffer.from('ISA'))).state).toBe('transferred')
  await connect({}, { password: 'wrong' })
  await expect(send(Buffer.from('ISA'))).rejects.toThrow('refuses our login')
  expect(await alerts()).toEqual(['sftp-login'])
})

test('a host key that is not pinned gets nothing, not even a login, and people are told which it was', async () => {
  await connect({ hostKeys: [second.line] })
  const logins = partner.taken.logins
  await expect(send(Buffer.from('ISA'))).rejects.toThrow(/shows the host key SHA256:.*not pinned/)
  expect(partner.taken.logins).toBe(logins)
  expect(arrived()).toEqual([])
  expect(await alerts()).toEqual(['sftp-host-key'])
  await connect()
  expect((await send(Buffer.from('ISA'))).state).toBe('transferred')
  expect(await alerts()).toEqual([])
})

test('a server that changes to the second pinned key is worked with throughout', async () => {
  await connect({ hostKeys: [first.line, second.line] })
  expect((await send(Buffer.from('ISA*1'))).state).toBe('transferred')
  partner.options.hostKeys = [readFileSync(second.path, 'utf8')]
  await connect({ hostKeys: [first.line, second.line] })
  expect((await send(Buffer.from('ISA*2'))).state).toBe('transferred')
})

test('an old server is worked with when its algorithms were agreed, and not before', async () => {
  const old = { kex: ['diffie-hellman-group1-sha1'], cipher: ['aes128-cbc'] }
  partner.options.algorithms = old as NonNullable<ssh2.ServerConfig['algorithms']>
  await connect()
  await expect(send(Buffer.from('ISA'))).rejects.toThrow('no matching')
  await connect({ algorithms: old })
  expect((await send(Buffer.from('ISA'))).state).toBe('transferred')
})

test('a connection lost in the middle shows nothing to the partner, and the next try sends only the rest', async () => {
  await connect()
  const bytes = randomBytes(12_000_000)
  const key = newId()
  let writes = 0
  partner.options.onRequest = (type) =>
    type === REQUEST.write && ++writes === 150 ? 'cut' : 'go on'
  await expect(send(bytes, key)).rejects.toThrow('connection')
  expect(arrived()).toEqual([expect.stringMatching(/^856-1\.edi\..+\.tmp$/)])
  expect(statSync(join(home, 'inbox', arrived()[0]!)).size).toBeGreaterThan(5_000_000)
  partner.options.onRequest = undefined
  partner.taken.bytes = 0
  expect((await send(bytes, key)).state).toBe('transferred')
  expect(partner.taken.bytes).toBeLessThan(8_000_000)
  expect(arrived()).toEqual(['856-1.edi'])
  expect(bytesOf('856-1.edi').equals(bytes)).toBe(true)
})

test('a rename whose answer is lost is not done again, even when the partner has taken the file', async () => {
  await connect()
  const key = newId()
  partner.options.onRequest = renameIsCut()
  await expect(send(Buffer.from('ISA*1'), key)).rejects.toThrow('connection')
  expect(arrived()).toEqual(['856-1.edi'])
  unlinkSync(join(home, 'inbox', '856-1.edi'))
  partner.options.onRequest = undefined
  expect((await send(Buffer.from('ISA*1'), key)).state).toBe('transferred')
  expect(arrived()).toEqual([])
})

/** posix-rename is the extended request that follows the writes. */
function renameIsCut() {
  let written = false
  return (type: number) => {
    written ||= type === REQUEST.write
    return written && type === REQUEST.extended ? ('cut' as const) : ('go on' as const)
  }
}

test('a full quota at the partner shows nothing under the name, and the rest follows when there is room', async () => {
  await connect()
  const bytes = randomBytes(3_000_000)
  const key = newId()
  partner.options.quotaKiB = 2048
  await expect(send(bytes, key)).rejects.toThrow(/inbox: the server says/)
  expect(arrived()).not.toContain('856-1.edi')
  partner.options.quotaKiB = undefined
  await connect()
  expect((await send(bytes, key)).state).toBe('transferred')
  expect(bytesOf('856-1.edi').equals(bytes)).toBe(true)
})

test('a name that is taken is never overwritten', async () => {
  writeFileSync(join(home, 'inbox', '856-1.edi'), 'of somebody else')
  await connect()
  expect(await send(Buffer.from('ISA'))).toMatchObject({ evidence: { path: 'inbox/856-1-2.edi' } })
  expect(bytesOf('856-1.edi').toString()).toBe('of somebody else')
  expect(bytesOf('856-1-2.edi').toString()).toBe('ISA')
})

test('writes under the name itself where that was agreed, and a done-file after it', async () => {
  await connect({ put: { way: 'direct', doneSuffix: '.ok' } })
  const names: string[] = []
  partner.options.onRequest = (type) => {
    if (type === REQUEST.open) names.push(...arrived())
    return 'go on'
  }
  await send(Buffer.from('ISA'))
  expect(names).toEqual(['856-1.edi']) // it was complete when the done-file was made
  expect(arrived()).toEqual(['856-1.edi', '856-1.edi.ok'])
})

test('a folder that is not there is told to people, and the file goes when it is', async () => {
  await connect()
  const to = (key: string) =>
    ours.channel.send(
      { connection: 'example-retail', folder: 'nowhere' },
      payloadOf(Buffer.from('ISA')),
      {
        sendId: key,
        partner: 'example-retail',
        idempotencyKey: key,
        correlationId: key,
        contentType: 'application/edi-x12',
        fileName: 'x.edi',
      },
    )
  await expect(to('k')).rejects.toThrow('nowhere: the server says No such file')
  expect(await alerts()).toEqual(['sftp-folder'])
  mkdirSync(join(home, 'nowhere'))
  expect((await to('k')).state).toBe('transferred')
  expect(await alerts()).toEqual([])
  rmSync(join(home, 'nowhere'), { recursive: true })
})

test('secrets lie sealed in the database', async () => {
  await connect({}, { ...byKey(), password: 'partner gave us this' })
  const [row] = await db.query<{ text: string }>(
    `select settings::text || encode(secrets, 'escape') as text from sftp_connection`,
  )
  expect(row!.text).not.toMatch(/partner gave us this|PRIVATE KEY/)
  await expect(
    sftpConnections(db, sealer(Buffer.alloc(32, 8))).find('example-retail'),
  ).rejects.toThrow('another master key')
})

test('fetches what is there in the order of its times, and removes it', async () => {
  offer('b.edi', 'ISA*1', 1_700_000_000)
  offer('a.edi', 'ISA*2', 1_700_000_100)
  offer('empty.edi', '')
  await connect({ fetch: FETCH })
  await poll()
  expect((await fetched()).sort()).toEqual(['a.edi ISA*2', 'b.edi ISA*1'])
  expect(offered()).toEqual(['empty.edi'])
  expect((await db.query<{ lane: string }>('select lane from job')).map((one) => one.lane)).toEqual(
    ['in:example-retail:sftp', 'in:example-retail:sftp'],
  )
  expect(ours.failures).toEqual([])
})

test('takes by patterns and leaves what is still being written', async () => {
  for (const name of ['856_1.EDI', '856_2.edi', '856_3.bak', 'x.edi', '856_4.edi.filepart'])
    offer(name, `ISA ${name}`)
  mkdirSync(join(home, 'outbox', '856_dir.edi'))
  await connect({
    fetch: { ...FETCH, include: ['856_*', 'x*'], exclude: ['*.bak', 'x.*'], ignoreCase: true },
  })
  await poll()
  rmSync(join(home, 'outbox', '856_dir.edi'), { recursive: true })
  expect(offered()).toEqual(['856_3.bak', '856_4.edi.filepart', 'x.edi'])
  expect(await fetched()).toHaveLength(2)
})

test('a file that still grows is left until two listings show the same', async () => {
  const path = offer('a.edi', 'ISA*', 1_700_000_000)
  await connect({ fetch: { ...FETCH, stable: 1 } })
  await poll()
  appendFileSync(path, '00')
  utimesSync(path, 1_700_000_001, 1_700_000_001)
  await poll()
  expect(await fetched()).toEqual([])
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*00'])
})

test('with done-files a file is taken when its own is there, and both go', async () => {
  offer('a.edi', 'ISA*a')
  offer('b.edi', 'ISA*b')
  offer('a.edi.done', '')
  await connect({ fetch: { ...FETCH, doneSuffix: '.done', stable: 3 } })
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*a'])
  expect(offered()).toEqual(['b.edi'])
})

test('moves to the archive where that was agreed, under a free name', async () => {
  await connect({ fetch: { ...FETCH, after: 'move', archive: 'done' } })
  offer('a.edi', 'ISA*1', 1_700_000_000)
  await poll()
  offer('a.edi', 'ISA*2', 1_700_000_001)
  await poll()
  expect(offered()).toEqual([])
  expect(readdirSync(join(home, 'done')).sort()).toEqual(['a-2.edi', 'a.edi'])
  expect(await fetched()).toHaveLength(2)
})

test('files that stay are fetched once, until they change', async () => {
  await connect({ fetch: { ...FETCH, after: 'keep' } })
  offer('a.edi', 'ISA*1', 1_700_000_000)
  await poll()
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*1'])
  offer('a.edi', 'ISA*2', 1_700_000_009)
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*1', 'a.edi ISA*2'])
})

test('a file that cannot be removed is taken once and told to people', async () => {
  offer('a.edi', 'ISA*1')
  await connect({ fetch: FETCH })
  partner.options.onRequest = (type) => (type === REQUEST.remove ? 'cut' : 'go on')
  // The answer to the removal is lost; the file comes back as if it had not been done.
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*1'])
  partner.options.onRequest = undefined
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA*1'])
  expect(offered()).toEqual([])
})

test('a file over the limit stays and is told to people, the others go on', async () => {
  offer('large.edi', randomBytes(2_000))
  offer('a.edi', 'ISA')
  await connect({ fetch: { ...FETCH, maxFileBytes: 1_000 } })
  await poll()
  expect(await fetched()).toEqual(['a.edi ISA'])
  expect(offered()).toEqual(['large.edi'])
  expect(await alerts()).toEqual(['sftp-file'])
})

test('hundreds of files come over one connection', async () => {
  for (let n = 0; n < 100; n++) offer(`f${n}.edi`, `ISA*${n}`)
  await connect({ fetch: FETCH })
  const { logins } = partner.taken
  await poll()
  expect(await fetched()).toHaveLength(100)
  expect(offered()).toEqual([])
  expect(partner.taken.logins).toBe(logins + 1)
})

test('a server that cannot be reached is left alone longer each time and told from the third', async () => {
  await connect({ port: 1, fetch: FETCH })
  const wait = async () => {
    const [row] = await db.query<{ seconds: number }>(
      'select extract(epoch from not_before - now())::float8 as seconds from sftp_connection',
    )
    return row!.seconds
  }
  await connect({ port: 1, fetch: { ...FETCH, every: 5 } })
  const waits: number[] = []
  for (let n = 0; n < 3; n++) {
    await poll()
    expect(await alerts()).toEqual(n < 2 ? [] : ['sftp-unreachable'])
    waits.push(await wait())
  }
  expect(waits[2]!).toBeGreaterThan(15)
  expect(existsSync(join(home, 'outbox'))).toBe(true)
})
