// How much a partner may leave with us: one file, and all that lies in its folders; and nobody changes a file that is
// being taken in. OpenSSH's sftp tells no texts of a server, so they are read with ssh2's client.
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ssh2, { type SFTPWrapper } from 'ssh2'
import { spoolOf } from '../../../../gateway/spool.js'
import { storeBlobs } from '../../../../gateway/store/blobs.js'
import { emptyTables, testDatabase, until } from '../../../postgres.js'
import { keyPair, sftp, type SftpLogin } from './openssh.js'
import { newId, ourServer } from './our-server.js'
import { scratch } from './scratch.js'

const { db } = await testDatabase()
const folder = scratch()
const key = await keyPair(folder, 'partner')
/** What a deposit waits for, and how many have come so far. */
let gate = Promise.resolve()
let deposits = 0
const server = await ourServer(db, folder, {
  wrapMailbox: (mailbox) => ({
    ...mailbox,
    deposit: async (delivery) => {
      deposits++
      await gate
      return mailbox.deposit(delivery)
    },
  }),
})
/** Each test has an account of its own. */
let login: SftpLogin
let accounts = 0

const MB = 1_000_000
const local = (name: string, bytes: number) => {
  const path = join(folder, name)
  writeFileSync(path, randomBytes(bytes))
  return path
}
const received = async () =>
  (await db.query<{ name: string }>('select file_name as name from inbox order by name')).map(
    ({ name }) => name,
  )
const agree = async (settings: object) => {
  login = { port: server.port, user: `example-${++accounts}`, folder, key: key.path }
  await server.addAccount(login.user, { keys: [key.line], settings })
}
const layOut = async (name: string, bytes: number) => {
  const spool = spoolOf(randomBytes(bytes))
  await db.tx((tx) => storeBlobs(tx, [spool]))
  const sendId = newId()
  await server.channel.send(
    { account: login.user },
    { sha256: spool.sha256, size: spool.size, read: () => spool.parts(262_144) },
    {
      ...{ sendId, idempotencyKey: sendId, correlationId: sendId, fileName: name },
      ...{ partner: 'example-retail', contentType: 'application/edi-x12' },
    },
  )
}
const clients: ssh2.Client[] = []
afterAll(() => clients.forEach((client) => client.end()))

/** A session of a client that hears the texts of the server. */
const session = () =>
  new Promise<{ open: (path: string) => Promise<Buffer>; write: Write; close: Close }>(
    (done, fail) => {
      const client = new ssh2.Client()
      clients.push(client)
      client.on('error', fail).on('ready', () =>
        client.sftp((error, wrapper: SFTPWrapper) => {
          if (error) return fail(error)
          done({
            open: (path) => promisify<string, 'w', Buffer>(wrapper.open.bind(wrapper))(path, 'w'),
            write: (handle, at, bytes) =>
              new Promise((written) =>
                wrapper.write(handle, bytes, 0, bytes.length, at, (e) => written(e?.message)),
              ),
            close: (handle) =>
              new Promise((closed) => wrapper.close(handle, (e) => closed(e?.message))),
          })
        }),
      )
      client.connect({
        ...{ host: '127.0.0.1', port: login.port, username: login.user },
        privateKey: readFileSync(key.path),
      })
    },
  )
type Write = (handle: Buffer, at: number, bytes: Buffer) => Promise<string | undefined>
type Close = (handle: Buffer) => Promise<string | undefined>

beforeEach(async () => {
  await emptyTables(db, 'inbox, job, lane, stage_event, sftp_file')
  server.audit.length = 0
})

test('a file that grows over its limit is not taken, and not what came of it either', async () => {
  await agree({ maxFileBytes: MB })
  const ran = await sftp(login, [`put ${local('large.edi', 1.3 * MB)} in/large.edi`])
  expect(ran.code).toBe(1)
  expect(await received()).toEqual([])
  expect(server.audit).toContainEqual(
    expect.objectContaining({
      action: 'sftp.upload-refused',
      detail: expect.objectContaining({
        path: '/in/large.edi',
        reason: 'the file is larger than 1000000 bytes',
      }),
    }),
  )
  expect((await sftp(login, ['rm in/large.edi'])).code).toBe(0)
})

test('received files, files to fetch and unfinished uploads share the quota, and each removed makes room', async () => {
  await agree({ quotaBytes: 4 * MB })
  await layOut('940.edi', 1.5 * MB)
  const [one, more] = [local('one.edi', MB), local('more.edi', 1.2 * MB)]
  expect((await sftp(login, [`put ${one} in/one.edi`, `put ${one} in/two.tmp`])).code).toBe(0)
  const put = async () => (await sftp(login, [`put ${more} in/more.edi`])).code
  expect(await put()).toBe(1)
  expect(await received()).toEqual(['one.edi'])
  const shown = await sftp(login, ['rm in/more.edi', 'df in'])
  expect(shown.out).toMatch(/^ *3907 +3419 +488 +488 /m)

  const again = {
    'in/one.edi': () => sftp(login, [`put ${one} in/one.edi`]),
    'in/two.tmp': () => sftp(login, [`put ${one} in/two.tmp`]),
    'out/940.edi': () => layOut('940.edi', 1.5 * MB),
  }
  for (const [path, restore] of Object.entries(again)) {
    expect([path, (await sftp(login, [`rm ${path}`])).code]).toEqual([path, 0])
    expect([path, await put()]).toEqual([path, 0])
    await sftp(login, ['rm in/more.edi'])
    await restore()
    expect([path, await put()]).toEqual([path, 1])
    await sftp(login, ['rm in/more.edi'])
  }
})

test('a refused upload is told where and why, and is resumed once there is room', async () => {
  await agree({ quotaBytes: 2 * MB })
  const { open, write, close } = await session()
  const handle = await open('/in/856.edi')
  expect(await write(handle, 0, randomBytes(200_000))).toBeUndefined()
  await layOut('940.edi', 1.9 * MB)
  expect((await sftp(login, [`put ${local('x.tmp', 1)} in/x.tmp`])).code).toBe(1)
  const text = '/in/856.edi: the quota of 2000000 bytes is full; fetch or remove files to make room'
  expect(await write(handle, 200_000, randomBytes(100_000))).toBe(text)
  expect(await close(handle)).toBe(text)
  expect(await received()).toEqual([])

  const file = local('856.edi', 1.8 * MB)
  expect((await sftp(login, ['rm in/856.edi', `put ${file} in/856.edi`])).code).toBe(1)
  expect((await sftp(login, [`reput ${file} in/856.edi`])).code).toBe(1)
  expect(await received()).toEqual([])
  expect((await sftp(login, ['rm out/940.edi', `reput ${file} in/856.edi`])).code).toBe(0)
  expect(await received()).toEqual(['856.edi'])
})

test('uploads side by side, in several sessions and under one name, take no more than the quota', async () => {
  await agree({ quotaBytes: 2 * MB })
  const sessions = await Promise.all([session(), session(), session()])
  const uploads = await Promise.all(
    sessions.flatMap(({ open, write, close }, n) =>
      ['a', 'b'].map(async (name) => ({
        ...{ write, close },
        handle: await open(`/in/${name}${n}.tmp`),
      })),
    ),
  )
  let taken = 0
  const part = randomBytes(30_000)
  for (let at = 0; at < MB; at += part.length)
    await Promise.all(
      uploads.map(async ({ write, handle }) => {
        if ((await write(handle, at, part)) === undefined) taken += part.length
      }),
    )
  expect(taken).toBeLessThanOrEqual(2 * MB)
  expect(taken).toBeGreaterThan(2 * MB - part.length)
  await Promise.all(uploads.map(({ close, handle }) => close(handle)))
  expect((await sftp(login, [`put ${local('y.edi', part.length)} in/y.edi`])).code).toBe(1)
  const reputs = await Promise.all(
    ['a0', 'b1', 'a2'].map((name) => sftp(login, [`reput ${local(name, MB)} in/${name}.tmp`])),
  )
  expect(reputs.map(({ code }) => code)).toEqual([1, 1, 1])
  expect(await received()).toEqual([])
})

test('what another process stored meanwhile counts when a file is complete', async () => {
  await agree({ quotaBytes: 2 * MB })
  const { open, write, close } = await session()
  const handle = await open('/in/856.edi')
  for (let at = 0; at < 1.2 * MB; at += 200_000)
    expect(await write(handle, at, randomBytes(200_000))).toBeUndefined()
  await layOut('other.edi', 1.5 * MB)
  expect(await close(handle)).toContain('/in/856.edi: the quota of 2000000 bytes is full')
  expect(await received()).toEqual([])
  expect((await sftp(login, ['rm out/other.edi', 'ls in'])).out).toContain('856.edi')
})

test('a file that is being taken in is not changed by another session', async () => {
  await agree({})
  const [one, two] = [await session(), await session()]
  const handle = await one.open('/in/856.edi')
  await one.write(handle, 0, Buffer.from('ISA*first'))
  let goOn = () => undefined as void
  gate = new Promise((done) => (goOn = done))
  const before = deposits
  const closed = one.close(handle)
  await until('it is being taken in', () => deposits > before)
  await expect(two.open('/in/856.edi')).rejects.toThrow(
    '/in/856.edi: the file is being taken in; try again later',
  )
  const ran = await sftp(login, ['-rm in/856.edi', '-rename in/856.edi in/857.edi', 'ls in'])
  expect(ran.out).toContain('in/856.edi')
  goOn()
  expect(await closed).toBeUndefined()
  expect(await received()).toEqual(['856.edi'])
  const digest = spoolOf(Buffer.from('ISA*first')).sha256
  expect(await db.query('select sha256 from inbox')).toEqual([{ sha256: digest }])
})
