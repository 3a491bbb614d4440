import { beforeAll, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import { EnvironmentError } from '../../../gateway/environment-error.js'
import { sealer } from '../../../gateway/security/sealing.js'
import { spoolOf } from '../../../gateway/spool.js'
import { readWholeBlob, storeBlobs } from '../../../gateway/store/blobs.js'
import { openDb } from '../../../gateway/store/db.js'
import { unlock } from '../../../gateway/store/master-key.js'
import { sftpConnections } from '../../../gateway/store/sftp-connections.js'
import { edigw, temporaryFolder } from '../process.js'
import { connectionSettings } from '../channels/sftp/our-server.js'
import { MASTER_KEY } from '../../master-key.js'
import { testDatabase } from '../../postgres.js'

const { db, url } = await testDatabase()
const OTHER_KEY = Buffer.alloc(32, 8)
const spool = spoolOf(Buffer.from('ISA*example'))
const CONNECTION = 'example-retail'

/** Starts as a process with these keys does; gives what it can read of a payload and of a secret. */
async function start(keys: { masterKey?: Buffer; previousMasterKey?: Buffer }, data = '/nowhere') {
  const process = openDb(url, { max: 2 })
  try {
    const secrets = await unlock(process, { data, ...keys })
    const found = await sftpConnections(process, secrets).find(CONNECTION)
    return [(await readWholeBlob(process, spool.sha256)).toString(), found?.secrets.password]
  } finally {
    await process.close()
  }
}
const ALL = ['ISA*example', 'a password']
const everything = () =>
  db.query<{ sealed: Buffer }>(
    `select sealed from data_key union all select secrets from sftp_connection union all select bytes from blob_part`,
  )

const isSame = (a: { sealed: Buffer }, b: { sealed: Buffer }) => a.sealed.equals(b.sealed)

beforeAll(async () => {
  await db.tx((tx) => storeBlobs(tx, [spool], 'example-retail'))
  await sftpConnections(db, sealer(MASTER_KEY)).save(db, {
    id: CONNECTION,
    settings: connectionSettings({
      ...{ host: 'sftp.example.com', user: 'us', hostKeys: ['SHA256:' + 'A'.repeat(43)] },
      put: { folder: 'inbox' },
    }),
    secrets: { password: 'a password' },
  })
})

test('with another key, or none, a start is refused before it writes anything', async () => {
  const before = await everything()
  await expect(start({ masterKey: OTHER_KEY })).rejects.toThrow(EnvironmentError)
  await expect(start({ masterKey: OTHER_KEY })).rejects.toThrow('another master key')
  const data = temporaryFolder()
  await expect(start({}, data)).rejects.toThrow('the master key that sealed')
  expect(readdirSync(data)).toEqual([])
  expect(await everything()).toEqual(before)
  expect(await start({ masterKey: MASTER_KEY })).toEqual(ALL)
})

test('serve and doctor say what is wrong and what to do', async () => {
  const other = { DATABASE_URL: url, EDIGW_MASTER_KEY: OTHER_KEY.toString('base64') }
  const lost = { DATABASE_URL: url, EDIGW_MASTER_KEY: '' }
  const run = (command: string, env: Record<string, string>) =>
    edigw([command], { ...env, EDIGW_DATA: temporaryFolder(), PORT: '0' })
  const [serve, doctor, lostServe] = await Promise.all([
    run('serve', other),
    run('doctor', other),
    run('serve', lost),
  ])
  expect([serve.status, doctor.status, lostServe.status]).toEqual([3, 3, 3])
  expect(serve.stderr).toMatch(/another master key\n {2}→ start with the EDIGW_MASTER_KEY/)
  expect(doctor.stdout).toMatch(/failed +database: .*another master key\n +→ start with/)
  expect(lostServe.stderr).toMatch(/is missing\n {2}→ put back the file master\.key/)
}, 60_000)

test('a new master key seals the keys anew and leaves payloads as they are; the old one is refused', async () => {
  const parts = () => db.query('select bytes from blob_part')
  const before = [await everything(), await parts()] as const
  const next = { masterKey: OTHER_KEY, previousMasterKey: MASTER_KEY }
  expect(await Promise.all([start(next), start(next)])).toEqual([ALL, ALL])
  expect(await start(next)).toEqual(ALL)
  expect(await parts()).toEqual(before[1])
  const after = await everything()
  expect(after.filter((row) => before[0].some((old) => isSame(old, row)))).toHaveLength(1)
  expect(await start({ masterKey: OTHER_KEY })).toEqual(ALL)
  await expect(start({ masterKey: MASTER_KEY })).rejects.toThrow('another master key')
})

test('the file of the old master key, renamed and named as the one before, makes way for a new one', async () => {
  const data = temporaryFolder()
  expect(await start({ previousMasterKey: OTHER_KEY }, data)).toEqual(ALL)
  expect(readdirSync(data)).toEqual(['master.key'])
  expect(await start({}, data)).toEqual(ALL)
  await expect(start({ masterKey: OTHER_KEY })).rejects.toThrow('another master key')
})
