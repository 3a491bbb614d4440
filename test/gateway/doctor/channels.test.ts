import { beforeEach, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { standardCheck } from '../../../gateway/agreement-check.js'
import { checkChannels } from '../../../gateway/doctor/channels.js'
import { sealer } from '../../../gateway/security/sealing.js'
import { importAgreement } from '../../../gateway/store/agreements.js'
import { as2Partners } from '../../../gateway/store/as2-partners.js'
import { sftpConnections } from '../../../gateway/store/sftp-connections.js'
import { saveAccount } from '../../../gateway/store/sftp.js'
import { doWork } from '../../../gateway/store/work.js'
import { localWake } from '../../../gateway/wake.js'
import { emptyTables, testDatabase } from '../../postgres.js'
import { identity } from '../channels/as2/identities.js'
import { accountSettings, connectionSettings } from '../channels/sftp/our-server.js'

const { db } = await testDatabase()
const seals = sealer(Buffer.alloc(32, 7))
const partners = as2Partners(seals)
const connections = sftpConnections(db, seals)
const NOW = new Date('2026-06-01T00:00:00Z')

beforeEach(() =>
  emptyTables(db, 'agreement, as2_station, as2_partner, sftp_connection, sftp_account'),
)

const check = async () => {
  const found = await checkChannels({ db, partners, connections }, NOW)
  return found.map(({ name, state, text, remedy = '' }) => [name, state, text, remedy])
}

/** An agreement in force that sends through this channel. */
async function agreed(id: string, channel: object) {
  const file = new URL('../../../../docs/examples/example-supplier.json', import.meta.url)
  const body: unknown = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), id, channel }
  const result = standardCheck()(body)
  if (!('agreement' in result)) throw new Error(JSON.stringify(result))
  await doWork(db, localWake(), (work) =>
    importAgreement(work, result.agreement, { actor: 'test' }),
  )
}

const supplier = (settings = {}) =>
  partners.savePartner(db, {
    ...{ id: 'example-supplier', name: 'EXSUPPLIER', station: 'EXRETAIL' },
    settings: { url: 'https://as2.supplier.example/', ...settings },
  })

test('what agreements name and nobody has entered is told with what enters it', async () => {
  await agreed('one', { kind: 'as2', partner: 'example-supplier' })
  await agreed('two', { kind: 'sftp', connection: 'example-server' })
  await agreed('three', { kind: 'sftp', account: 'example-account' })
  expect(await check()).toEqual([
    [
      'AS2 partner example-supplier',
      'failed',
      'agreement one names it, and it is not known',
      expect.stringContaining('edigw as2 partner set example-supplier'),
    ],
    [
      'SFTP connection example-server',
      'failed',
      'agreement two names it, and it is not known',
      expect.stringContaining('edigw sftp connection add example-server'),
    ],
    [
      'SFTP account example-account',
      'failed',
      'agreement three names it, and it is not known',
      expect.stringContaining('edigw sftp account add example-account'),
    ],
  ])
})

test('an account whose files nearly fill its quota is told before uploads are refused', async () => {
  await agreed('one', { kind: 'sftp', account: 'example-account' })
  const account = { name: 'example-account', keys: [], active: true }
  const settings = accountSettings({ quotaBytes: 1000 })
  await saveAccount(db, { ...account, settings: accountSettings() })
  expect(await check()).toEqual([['SFTP account example-account', 'ok', 'can log in', '']])
  await saveAccount(db, { ...account, settings })
  const sha256 = Buffer.alloc(32, 1)
  await db.query('insert into blob (sha256, size) values ($1, 899)', [sha256])
  await db.query(
    `insert into sftp_file (id, account, use, folder, name, sha256, size)
     values (gen_random_uuid(), 'example-account', 'out', '/out', 'a.edi', $1, 899)`,
    [sha256],
  )
  const told = async () => (await check()).map(([, state, text]) => [state, text])
  expect(await told()).toEqual([['ok', 'can log in; its files take 899 of 1000 bytes']])
  await db.query('update sftp_file set size = 900')
  expect(await told()).toEqual([['warning', 'can log in; its files take 900 of 1000 bytes']])
})

test('an AS2 partner lacks key, certificates and address, each by name', async () => {
  await agreed('one', { kind: 'as2', partner: 'example-supplier' })
  await partners.savePartner(db, {
    ...{ id: 'example-supplier', name: 'EXSUPPLIER', station: 'EXRETAIL', settings: {} },
  })
  expect((await check()).map(([, state, text, remedy]) => [state, text, remedy])).toEqual([
    [
      'failed',
      'has no address; agreement one sends to it',
      'edigw as2 partner set example-supplier --url URL',
    ],
    ['failed', 'EXRETAIL has no valid key', 'edigw as2 keygen EXRETAIL'],
    ['failed', 'has no certificate for signature', 'edigw as2 cert import example-supplier FILE'],
    ['failed', 'has no certificate for encryption', 'edigw as2 cert import example-supplier FILE'],
  ])
})

test('certificates that have expired fail, those that end soon warn, others are well', async () => {
  const notBefore = new Date('2026-01-01T00:00:00Z')
  await partners.saveKey(db, 'EXRETAIL', await identity('us', { notBefore }))
  await supplier()
  const { certificate } = await identity('old', { notBefore, days: 90 })
  await partners.pinCertificate(db, 'example-supplier', { certificate })
  expect((await check()).map(([, state, text]) => [state, text])).toEqual([
    ['failed', 'has no certificate for signature that is valid now'],
    ['failed', 'has no certificate for encryption that is valid now'],
  ])
  const soon = await identity('soon', { notBefore, days: 160 })
  await partners.pinCertificate(db, 'example-supplier', soon)
  expect((await check()).map(([, state, text]) => [state, text])).toEqual([
    ['warning', 'its certificate expires on 2026-06-10, and nothing follows it'],
  ])
  await partners.pinCertificate(db, 'example-supplier', await identity('next', { notBefore }))
  expect(await check()).toEqual([
    ['AS2 partner example-supplier', 'ok', 'keys and certificates are valid', ''],
  ])
})

test('an SFTP server that does not answer is named with its last error', async () => {
  const settings = connectionSettings({
    ...{ host: 'sftp.example', user: 'gateway', hostKeys: [`SHA256:${'A'.repeat(43)}`] },
    fetch: { folder: 'outbox' },
  })
  await connections.save(db, { id: 'example-server', settings })
  expect((await check()).map(([, state]) => state)).toEqual(['ok'])
  const message = 'outbox cannot be listed: No such file'
  await connections.failed('example-server', 'fetch', { kind: 'folder', message })
  expect(await check()).toEqual([
    [
      'SFTP connection example-server',
      'warning',
      `failed 1 times in a row: ${message}`,
      'edigw sftp connection test example-server',
    ],
  ])
})

test('an account that is there is well, one that has ended is not', async () => {
  await agreed('three', { kind: 'sftp', account: 'example-account' })
  const account = { name: 'example-account', keys: [], settings: accountSettings() }
  await saveAccount(db, { ...account, active: true })
  expect((await check()).map(([, state]) => state)).toEqual(['ok'])
  await saveAccount(db, { ...account, active: false })
  expect((await check()).map(([, state, text]) => [state, text])).toEqual([
    ['failed', 'agreement three names it, and it has ended'],
  ])
})
