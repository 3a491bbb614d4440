// What our SFTP server does not let go on: idle sessions, guessed passwords, too many sessions, files nobody fetches.
import { beforeAll, beforeEach, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { join } from 'node:path'
import { attempts } from '../../../../gateway/security/attempts.js'
import { spoolOf } from '../../../../gateway/spool.js'
import { storeBlobs } from '../../../../gateway/store/blobs.js'
import { testDatabase, until } from '../../../postgres.js'
import { keyPair, openSftp, sftp, type SftpLogin } from './openssh.js'
import { newId, ourServer } from './our-server.js'
import { scratch } from './scratch.js'

const { db } = await testDatabase()
const folder = scratch()
const key = await keyPair(folder, 'partner')
/** Time of the attempts, moved by the tests. */
let later = 0
const patient = await ourServer(db, folder, {
  attempts: attempts({ now: () => Date.now() + later, free: 3, firstMs: 600_000 }),
})
const hasty = await ourServer(db, join(folder, 'hasty'), {
  listen: { host: '127.0.0.1', port: 0, idleMs: 1_000 },
})
const login: SftpLogin = { port: patient.port, user: 'example-supplier', folder, key: key.path }

beforeAll(() =>
  patient.addAccount('example-supplier', {
    keys: [key.line],
    password: 'correct horse',
    settings: { maxSessions: 2, fetchWithinHours: 1 },
  }),
)
beforeEach(() => {
  patient.audit.length = 0
})
const noted = (action: string) => patient.audit.filter((line) => line.action === action).length

test('a session without a request is ended', async () => {
  const client = openSftp({ ...login, port: hasty.port })
  const ended = once(client, 'exit')
  await until('it was idle', () => hasty.audit.some((line) => line.action === 'sftp.idle'))
  client.stdin!.end('ls\n')
  expect((await ended)[0]).not.toBe(0)
})

test('no more sessions at once than agreed', async () => {
  const open = [openSftp(login), openSftp(login)]
  await until('both are in', () => noted('sftp.login') === 2)
  const third = await sftp(login, ['ls'])
  expect(third.code).not.toBe(0)
  expect(noted('sftp.session-refused')).toBe(1)
  for (const client of open) client.kill()
  await until('there is room again', async () => (await sftp(login, ['ls'])).code === 0)
})

test('guessing passwords locks the origin out, also for the right one, until its time is over', async () => {
  const byPassword: SftpLogin = { port: login.port, user: login.user, folder }
  for (let n = 0; n < 3; n++)
    expect((await sftp({ ...byPassword, password: `guess ${n}` }, ['ls'])).code).not.toBe(0)
  expect(noted('sftp.login-refused')).toBe(3)
  expect((await sftp({ ...byPassword, password: 'correct horse' }, ['ls'])).code).not.toBe(0)
  expect((await sftp(login, ['ls'])).code).not.toBe(0)
  expect(noted('sftp.login')).toBe(0)
  later = 700_000
  expect((await sftp({ ...byPassword, password: 'correct horse' }, ['ls'])).out).toContain(
    'archive',
  )
})

test('files nobody fetches are told once, and no more when they are fetched', async () => {
  const spool = spoolOf(Buffer.from('ISA'))
  await db.tx((tx) => storeBlobs(tx, [spool]))
  const id = newId()
  await db.query(
    `insert into sftp_file (id, account, use, folder, name, sha256, size, created_at)
     values ($1, 'example-supplier', 'out', '/out', 'late.edi', $2, 3, now() - interval '2 hours')`,
    [id, spool.sha256],
  )
  const housekeep = patient.channel.tasks!.find((task) => task.name === 'sftp files')!.run
  await housekeep()
  await housekeep()
  const alerts = () =>
    db.query<{ count: number; open: boolean }>(
      `select count, closed_at is null as open from alert where kind = 'sftp-unfetched'`,
    )
  expect(await alerts()).toEqual([{ count: 1, open: true }])
  await sftp(login, [`get out/late.edi ${join(folder, 'late.edi')}`])
  await housekeep()
  expect(await alerts()).toEqual([{ count: 1, open: false }])
})
