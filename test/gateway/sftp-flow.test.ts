// A depositor and its warehouse over SFTP: 940 put on the warehouse's server, its 997 and 945 fetched from there, our 997
// put back. The server is OpenSSH's.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Message } from '../../edi-maps/canonical/message.js'
import type { Channel } from '../../gateway/channels/channel.js'
import { sftpChannel } from '../../gateway/channels/sftp/channel.js'
import { sealer } from '../../gateway/security/sealing.js'
import { sftpConnections } from '../../gateway/store/sftp-connections.js'
import { sftpStore } from '../../gateway/store/sftp.js'
import { testDatabase, until } from '../postgres.js'
import { keyPair } from './channels/sftp/openssh.js'
import { connectionSettings, newId } from './channels/sftp/our-server.js'
import { partnerServer } from './channels/sftp/partner-server.js'
import { scratch } from './channels/sftp/scratch.js'
import { configure, testFlow, type TestFlow } from './flow.js'
import { startTarget, type Target } from './odoo-target.js'

const { db } = await testDatabase()
const folder = scratch()
const home = join(folder, 'home')
mkdirSync(join(home, 'to-warehouse'), { recursive: true })
mkdirSync(join(home, 'from-warehouse'))
const [key, host] = [await keyPair(folder, 'gateway'), await keyPair(folder, 'host')]
const warehouse = await partnerServer(home, {
  hostKeys: [readFileSync(host.path, 'utf8')],
  user: 'depositor',
  publicKey: key.line,
})
const connections = sftpConnections(db, sealer(Buffer.alloc(32, 7)))
let flow: TestFlow
let target: Target
const failures: unknown[] = []

const ids = (id: string) => ({ interchange: { qualifier: 'ZZ', id } })
const golden = (path: string) =>
  readFileSync(new URL(`../../../test/golden/x12/${path}`, import.meta.url), 'utf8')

beforeAll(async () => {
  target = await startTarget()
  await connections.save(db, {
    id: 'example-warehouse',
    settings: connectionSettings({
      host: '127.0.0.1',
      port: warehouse.port,
      user: 'depositor',
      hostKeys: [host.line],
      fetch: { folder: 'from-warehouse', every: 5, stable: 0 },
      put: { folder: 'to-warehouse' },
    }),
    secrets: { privateKey: readFileSync(key.path, 'utf8') },
  })
  await configure(
    db,
    [
      {
        id: 'example-warehouse',
        name: 'Example Warehouse ships for us',
        ourRole: 'depositor',
        theirRole: 'warehouse',
        environment: 'production',
        standard: 'x12',
        us: ids('EXDEPOSITOR'),
        partner: ids('EXWAREHOUSE'),
        documents: [
          { direction: 'out', message: '940', version: '004010' },
          { direction: 'in', message: '945', version: '004010' },
        ],
        channel: { kind: 'sftp', connection: 'example-warehouse' },
      },
    ],
    [
      {
        channel: 'sftp',
        id: 'example-warehouse',
        name: 'Example Warehouse',
        carries: [{ sender: { id: 'EXWAREHOUSE' }, receiver: { id: 'EXDEPOSITOR' } }],
        environments: ['production'],
      },
    ],
  )
  const channel = sftpChannel({
    store: sftpStore(db),
    connections,
    data: folder,
    spoolFolder: folder,
    newId,
    now: Date.now,
    random: Math.random,
    fault: () => undefined,
    busy: () => false,
    attempts: { wait: () => 0, failed: () => undefined, succeeded: () => undefined },
    audit: () => undefined,
    failed: (error) => void failures.push(error),
  })
  flow = await testFlow({ db, targetUrl: target.url, more: { channels: [channel as Channel] } })
})
afterAll(async () => {
  await flow.stop()
  await target.close()
})

const files = (name: string) => readdirSync(join(home, name)).sort()
const told = (state: string) =>
  until(`Odoo is told ${state}`, () => target.outbox[0]!.results.at(-1)?.state === state, 30_000)

test('a 940 goes to the warehouse, its 997 and 945 come back, and our 997 answers', async () => {
  const [document] = JSON.parse(golden('940/original/canonical.json')) as [Message['document']]
  delete document.source
  target.queue({
    id: '019b76da-a800-7000-8000-000000000940',
    revision: 1,
    correlationId: 'order-1',
    direction: 'out',
    partner: 'example-warehouse',
    ourRole: 'depositor',
    theirRole: 'warehouse',
    test: false,
    document,
  })
  await told('transferred')
  expect(files('to-warehouse')).toEqual(['940-1.edi'])
  const order = readFileSync(join(home, 'to-warehouse/940-1.edi'), 'latin1')
  expect(order).toContain('*ZZ*EXDEPOSITOR    *ZZ*EXWAREHOUSE    *')
  expect(order).toContain('ST*940*0001~')

  const envelope = (control: number, group: string, sets: string) =>
    `ISA*00*          *00*          *ZZ*EXWAREHOUSE    *ZZ*EXDEPOSITOR    *260102*0304*U*00401*` +
    `${String(control).padStart(9, '0')}*0*P*>~GS*${group}*EXWAREHOUSE*EXDEPOSITOR*20260102*0304*${control}*X*004010~` +
    `${sets}GE*1*${control}~IEA*1*${String(control).padStart(9, '0')}~`
  writeFileSync(
    join(home, 'from-warehouse/997.edi'),
    envelope(7, 'FA', 'ST*997*0001~AK1*OW*1~AK2*940*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~'),
  )
  await told('accepted')

  writeFileSync(join(home, 'from-warehouse/945.edi'), golden('945/shipped-in-full/in.edi'))
  const advice = await until(
    'the 945 is in Odoo',
    () => [...target.messages.values()].map(({ text }) => JSON.parse(text) as Message)[0],
    30_000,
  )
  expect(advice).toMatchObject({ partner: 'example-warehouse', direction: 'in' })
  expect(advice.document.kind).toBe('warehouseShippingAdvice')
  const ack = await until(
    'our 997 is there',
    () => files('to-warehouse').find((name) => /^997-.*\.edi$/.test(name)),
    30_000,
  )
  expect(readFileSync(join(home, 'to-warehouse', ack), 'latin1')).toMatch(
    /AK2\*945\*0001~.*AK9\*A\*1\*1\*1~/s,
  )
  await until('the folder is empty', () => files('from-warehouse').length === 0, 30_000)
  expect(await db.query('select kind, text from alert where closed_at is null')).toEqual([])
  expect(failures).toEqual([])
})
