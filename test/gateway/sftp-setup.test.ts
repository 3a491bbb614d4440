// SFTP partners as an administrator sets them up, by command and by API, on a running gateway.
import { beforeAll, expect, test } from '@jest/globals'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testDatabase, until } from '../postgres.js'
import { RECEIVING, x12Notices } from './documents.js'
import { keyPair, sftp, type SftpLogin } from './channels/sftp/openssh.js'
import { partnerServer, type PartnerServer } from './channels/sftp/partner-server.js'
import { scratch } from './channels/sftp/scratch.js'
import { call, edigw, startProcess, temporaryFolder, type GatewayProcess } from './process.js'

const { db, url } = await testDatabase()
const folder = scratch()
const data = temporaryFolder()
const home = join(folder, 'home')
const ENV = { DATABASE_URL: url, EDIGW_DATA: data }
const [key, next, host] = [
  await keyPair(folder, 'supplier'),
  await keyPair(folder, 'supplier-next'),
  await keyPair(folder, 'host'),
]
mkdirSync(join(home, 'outbox'), { recursive: true })
mkdirSync(join(home, 'inbox'))
const partner: PartnerServer = await partnerServer(home, {
  hostKeys: [readFileSync(host.path, 'utf8')],
  user: 'gateway',
})
let gateway: GatewayProcess
let login: SftpLogin

beforeAll(async () => {
  gateway = await startProcess({ DATABASE_URL: url, EDIGW_SFTP_PORT: '0' }, data)
  const ready = gateway.log.find((line) => line['msg'] === 'ready')
  login = { port: Number(ready?.['sftp_port']), user: 'example-supplier', folder, key: key.path }
  await api('PUT', `/v1/agreements/${RECEIVING.id}?state=active`, {
    ...RECEIVING,
    channel: { kind: 'sftp', account: 'example-supplier' },
  })
})

const api = async (method: string, path: string, body?: unknown) =>
  call(gateway, gateway.key, method, path, body)
const command = (...args: string[]) => edigw(['sftp', ...args], ENV)
const local = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const interchanges = () =>
  db.query<{ state: string; sender: string }>(
    'select state, trim(sender) as sender from interchange order by created_at, position',
  )

test('an account made by command takes an 856 and finds its 997 laid out', async () => {
  const made = await command(
    'account',
    'add',
    'example-supplier',
    '--agreement',
    RECEIVING.id,
    '--key',
    `${key.path}.pub`,
  )
  expect(made).toMatchObject({
    status: 0,
    stderr: '',
    stdout: 'example-supplier may log in; its folders: /in /out /archive\n',
  })
  const pins = (await command('host-keys')).stdout.split('\n').filter((line) => / /.test(line))
  const pinned = { ...login, hostKeys: pins }
  const put = await sftp(pinned, [`put ${local('856.edi', x12Notices({ control: 1 }))} in/`])
  expect(put).toMatchObject({ code: 0, err: '' })
  const name = await until(
    'the 997 is laid out',
    async () => /out\/(997-\S+)/.exec((await sftp(pinned, ['ls -1 out'])).out)?.[1],
  )
  await sftp(pinned, [`get out/${name} ${join(folder, '997.edi')}`, `rm out/${name}`])
  expect(readFileSync(join(folder, '997.edi'), 'latin1')).toContain('AK9*A*1*1*1~')
  expect(await interchanges()).toEqual([{ state: 'translated', sender: 'EXSUPPLIER' }])
})

test('what comes under another partner’s ids is quarantined: no acknowledgement, one alert', async () => {
  const other = x12Notices({ control: 2, sender: 'EXOTHER' })
  await sftp(login, [`put ${local('other.edi', other)} in/`])
  await until('it is quarantined', async () => (await interchanges())[1]?.state === 'quarantined')
  const { body } = await api('GET', '/v1/interchanges?state=quarantined')
  expect(body['items']).toHaveLength(1)
  expect(await db.query('select kind from alert where closed_at is null')).toEqual([
    { kind: 'interchange-quarantined' },
  ])
  expect(await db.query(`select id from outbox where purpose = 'ack'`)).toHaveLength(1) // of the test before
})

test('a quota is agreed, shown with what it is used for, and warned of', async () => {
  const path = '/v1/sftp/accounts/example-supplier'
  const [stored] = await db.query<{ bytes: number }>(
    `select sum(size)::int as bytes from sftp_file where use = 'in'`,
  )
  const { bytes } = stored!
  expect((await api('PUT', path, { settings: { quotaBytes: bytes + 1 } })).body).toMatchObject({
    settings: { quotaBytes: bytes + 1, maxStagedBytes: 1_073_741_824 },
    usedBytes: bytes,
  })
  const listed = await command('account', 'list')
  expect(listed.stdout).toContain(`/in /out /archive  ${bytes} of ${bytes + 1} bytes\n`)
  const full = await sftp(login, [`put ${local('full.edi', x12Notices({ control: 3 }))} in/`])
  expect(full.code).toBe(1)
  expect(await interchanges()).toHaveLength(2)
  await api('PUT', path, { settings: {} })
  expect((await command('account', 'list')).stdout).toContain('/in /out /archive\n')
  await sftp(login, ['rm in/full.edi'])
})

test('a key is replaced without a gap, and the old one ends', async () => {
  const old = (await command('account', 'list')).stdout.match(/SHA256:\S+/)![0]
  expect(
    await command('account', 'key', 'example-supplier', '--key', `${next.path}.pub`),
  ).toMatchObject({ status: 0 })
  expect((await sftp(login, ['ls'])).code).toBe(0)
  expect((await sftp({ ...login, key: next.path }, ['ls'])).code).toBe(0)
  const after = await command('account', 'key', 'example-supplier', '--remove-key', old)
  expect(after.stdout).not.toContain(old)
  expect((await sftp(login, ['ls'])).err).toContain('Permission denied')
  expect((await sftp({ ...login, key: next.path }, ['ls'])).code).toBe(0)
})

test('an account that was removed cannot log in', async () => {
  expect((await command('account', 'remove', 'example-supplier')).status).toBe(0)
  expect((await sftp({ ...login, key: next.path }, ['ls'])).err).toContain('Permission denied')
  expect(await command('account', 'remove', 'example-supplier')).toMatchObject({
    status: 1,
    stderr: 'there is no active account example-supplier\n',
  })
})

test('wrong requests say what is wrong and where', async () => {
  const place = async (path: string, body: object) => {
    const answer = await api('PUT', path, body)
    expect(answer.status).toBe(422)
    return (answer.body['issues'] as { path: string }[])[0]!.path
  }
  const account = '/v1/sftp/accounts/x'
  expect(await place(account, {})).toBe('/carries')
  expect(await place(account, { agreement: 'none' })).toBe('/agreement')
  expect(await place(account, { keys: ['ssh-ed25519 AAAA nonsense'] })).toBe('/keys/0')
  expect(await place(account, { keys: [readFileSync(key.path, 'utf8')] })).toBe('/keys/0')
  expect(await place(account, { settings: { allowFrom: ['10.0.0.0/8', 'here'] } })).toBe(
    '/settings/allowFrom',
  )
  expect(await place(account, { settings: { publish: 'never' } })).toBe('/settings/publish')
  const connection = '/v1/sftp/connections/y'
  expect(await place(connection, { settings: { host: 'sftp.example' } })).toBe('/settings')
  const settings = { host: 'sftp.example', user: 'us', hostKeys: ['SHA256:not a fingerprint'] }
  expect(await place(connection, { settings })).toBe('/settings/hostKeys')
  expect(await place(connection, { settings: { ...settings, hostKeys: [host.line] } })).toBe(
    '/secrets',
  )
})

test('a connection made by command shows the key for the partner, is tried, and then fetches', async () => {
  const made = await command(
    ...[
      'connection',
      'add',
      'example-server',
      '--host',
      '127.0.0.1',
      '--port',
      String(partner.port),
    ],
    ...[
      '--user',
      'gateway',
      '--host-key',
      `${next.path}.pub`,
      '--fetch',
      'outbox',
      '--put',
      'inbox',
    ],
    ...[
      '--agreement',
      RECEIVING.id,
      '--settings',
      local('settings.json', JSON.stringify({ fetch: { folder: 'outbox', every: 5, stable: 0 } })),
    ],
  )
  expect(made.status).toBe(0)
  expect(made.stdout).toMatch(/^ssh-ed25519 \S+\n$/)
  partner.options.publicKey = made.stdout.trim()
  const wrong = await command('connection', 'test', 'example-server')
  expect(wrong).toMatchObject({ status: 1 })
  const shown = /SHA256:\S+(?=,)/.exec(wrong.stdout)![0]
  await command('connection', 'add', 'example-server', '--host-key', shown)
  const tried = await command('connection', 'test', 'example-server')
  expect(tried).toMatchObject({
    status: 0,
    stdout: 'logged in; outbox: 0 of 0 files would be fetched; inbox: files would be put here\n',
  })
  writeFileSync(join(home, 'outbox', '856.edi'), x12Notices({ control: 3 }))
  expect((await api('POST', '/v1/sftp/connections/example-server/poll')).status).toBe(202)
  await until(
    'it is fetched and translated',
    async () => (await interchanges())[2]?.state === 'translated',
  )
  await until('it is removed there', () => readdirSync(join(home, 'outbox')).length === 0)
  const { body } = await api('GET', '/v1/sftp/connections/example-server')
  expect(body).toMatchObject({ id: 'example-server', secrets: ['privateKey'], failures: 0 })
  expect(JSON.stringify(body)).not.toContain('PRIVATE')
  expect((await command('connection', 'list')).stdout).toContain('fetches outbox  puts inbox')
  expect((await command('connection', 'remove', 'example-server')).status).toBe(0)
})

test('an agreement names an account or a connection, not both and not neither', async () => {
  for (const more of [{}, { account: 'a', connection: 'b' }]) {
    const body = { ...RECEIVING, id: 'wrong', channel: { kind: 'sftp', ...more } }
    expect((await api('PUT', '/v1/agreements/wrong', body)).status).toBe(422)
  }
})
