// `edigw as2` as an administrator uses it, on a database without a running gateway.
import { describe, expect, test } from '@jest/globals'
import { createPrivateKey } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCertificate } from '../../../gateway/channels/as2/keys/certificate.js'
import { generateKey } from '../../../gateway/channels/as2/keys/keygen.js'
import { bestPin, pinsFor } from '../../../gateway/channels/as2/keys/pins.js'
import { sealer } from '../../../gateway/security/sealing.js'
import { as2Partners } from '../../../gateway/store/as2-partners.js'
import { identity } from '../channels/as2/identities.js'
import { edigw, temporaryFolder } from '../process.js'
import { MASTER_KEY } from '../../master-key.js'
import { testDatabase } from '../../postgres.js'

const { db, url } = await testDatabase()
const folder = temporaryFolder()
const partners = as2Partners(sealer(MASTER_KEY))
const as2 = (...args: string[]) => edigw(['as2', ...args], { DATABASE_URL: url })
const file = async (name: string, text: string) => {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}
const now = new Date()

describe('a key of ours', () => {
  test('is made, sealed at rest, and its certificate given out', async () => {
    const out = join(folder, 'us.pem')
    const made = await as2('keygen', 'EXRETAIL', '--out', out)
    expect(made).toMatchObject({ status: 0, stdout: '' })
    const certificate = readCertificate(await readFile(out))
    expect(certificate.subject).toBe('CN=EXRETAIL')
    const [row] = await db.query<{ sealed: Buffer }>('select sealed from as2_key')
    expect(() => createPrivateKey({ key: row!.sealed, format: 'der', type: 'pkcs8' })).toThrow()
    const [key] = await partners.keysOf(db, 'EXRETAIL')
    expect(key!.certificate.fingerprint).toBe(certificate.fingerprint)
    expect(key!.privateKey.type).toBe('private')
    const again = await as2('cert', 'export', 'EXRETAIL')
    expect(again.stdout).toBe(await readFile(out, 'utf8'))
  })

  test('made elsewhere is taken, unless it belongs to another certificate', async () => {
    const one = await generateKey({ commonName: 'one', notBefore: now })
    const two = await generateKey({ commonName: 'two', notBefore: now })
    const key = await file('key.pem', one.privateKeyPem)
    const right = await file('one.pem', one.certificatePem)
    const wrong = await file('two.pem', two.certificatePem)
    expect(await as2('keygen', 'OTHER', '--key', key, '--certificate', wrong)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not the certificate of'),
    })
    const taken = await as2('keygen', 'OTHER', '--key', key, '--certificate', right)
    expect(taken.status).toBe(0)
    expect((await partners.keysOf(db, 'OTHER')).length).toBe(1)
  })
})

describe('a partner', () => {
  test('is entered with what it may carry, changed, ended and brought back', async () => {
    const partner = await identity('Example Supplier', { notBefore: now })
    const certificate = await file('supplier.pem', partner.certificatePem)
    const password = await file('password', 'pass word\n')
    const entered = await as2(
      ...['partner', 'set', 'example-supplier', '--name', 'SUPPLIER X', '--station', 'EXRETAIL'],
      ...['--url', 'https://as2.supplier.example/', '--certificate', certificate],
      ...['--carries', 'ZZ:EXSUPPLIER>ZZ:EXRETAIL', '--accept-password-file', password],
      ...['--settings', await file('settings.json', '{"compress":"before-signing"}')],
    )
    expect(entered.status).toBe(0)
    const known = await partners.byNames(db, 'SUPPLIER X', 'EXRETAIL')
    expect(known!.settings).toEqual({
      compress: 'before-signing',
      url: 'https://as2.supplier.example/',
    })
    expect(known!.secrets.acceptPassword).not.toContain('pass word')
    const [carries] = await db.query(`select carries, environments from channel_identity`)
    expect(carries).toMatchObject({ environments: ['production'] })

    expect((await as2('partner', 'set', 'example-supplier', '--receipt', 'async')).status).toBe(0)
    const changed = await partners.byId(db, 'example-supplier')
    expect(changed).toMatchObject({ name: 'SUPPLIER X', secrets: known!.secrets })
    expect(changed!.settings).toMatchObject({
      compress: 'before-signing',
      receipt: { mode: 'async' },
    })
    await as2('partner', 'end', 'example-supplier')
    expect((await partners.byId(db, 'example-supplier'))!.active).toBe(false)
    await as2('partner', 'set', 'example-supplier')
    expect((await partners.byId(db, 'example-supplier'))!.active).toBe(true)
    const [audit] = await db.query<{ detail: object }>(
      `select detail from audit where action = 'as2.partner' order by id limit 1`,
    )
    expect(JSON.stringify(audit!.detail)).not.toContain('pass word')
  })

  test.each<[string, string[], string]>([
    ['with a name of its own making', ['partner', 'set', 'Bad Id'], 'an ID has'],
    ['without saying who it is', ['partner', 'set', 'new-one'], 'give --name and --station'],
    ['with a wrong address', ['partner', 'set', 'example-supplier', '--url', 'ftp://x'], '/url'],
    [
      'with a wrong pair',
      ['partner', 'set', 'example-supplier', '--carries', 'A'],
      'SENDER>RECEIVER',
    ],
    ['with too many words', ['partner', 'set', 'a', 'b'], 'takes 1 names'],
    ['by an unknown verb', ['partner', 'drop', 'a'], 'there is no partner drop'],
    ['by a date that is none', ['cert', 'extend', 'a', 'b', '--until', 'soon'], 'is no date'],
  ])('is not entered %s', async (_, args, text) => {
    const { status, stderr } = await as2(...args)
    expect([status, stderr]).toEqual([2, expect.stringContaining(text)])
  })
})

describe('certificates of a partner', () => {
  test('roll over: both verify, the newer is encrypted for from its day on', async () => {
    const day = 86_400_000
    const next = await identity('Example Supplier 2', { notBefore: now })
    const from = new Date(now.getTime() + 7 * day)
    const path = await file('next.pem', next.certificatePem)
    const done = await as2('cert', 'import', 'example-supplier', path, '--from', from.toISOString())
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('not valid yet') })
    const { pins } = (await partners.byId(db, 'example-supplier'))!
    const use = (time: Date) => bestPin(pins, 'encryption', time)!.certificate.subject
    expect(use(now)).toBe('CN=Example Supplier')
    const later = new Date(from.getTime() + day)
    expect(use(later)).toBe('CN=Example Supplier 2')
    expect(pinsFor(pins, 'signature', later).length).toBe(2)
  })

  test('that have expired count until the day a person says', async () => {
    const old = await identity('Example Supplier 0', {
      notBefore: new Date('2020-01-01T00:00:00Z'),
      days: 30,
    })
    const path = await file('old.pem', old.certificatePem)
    expect((await as2('cert', 'import', 'example-supplier', path)).stdout).toContain('expired')
    const until = new Date(now.getTime() + 86_400_000)
    const { fingerprint } = old.certificate
    const extended = await as2(
      ...['cert', 'extend', 'example-supplier', fingerprint.slice(0, 12).toUpperCase()],
      ...['--until', until.toISOString()],
    )
    expect(extended.status).toBe(0)
    const { pins } = (await partners.byId(db, 'example-supplier'))!
    const counts = pinsFor(pins, 'signature', now).map(({ certificate }) => certificate.fingerprint)
    expect(counts).toContain(fingerprint)
    expect((await as2('list')).stdout).toContain('expired, still accepted')
  })

  test.each([
    ['no certificate', 'hello'],
    ['a key too short', ''],
  ])('are refused: %s', async (_, text) => {
    const path = await file('bad.pem', text)
    expect((await as2('cert', 'import', 'example-supplier', path)).status).toBe(2)
  })
})

test('a name and station that another partner has are refused, and who has them is told', async () => {
  const taken = await as2('partner', 'set', 'twin', '--name', 'SUPPLIER X', '--station', 'EXRETAIL')
  expect(taken).toMatchObject({
    status: 1,
    stderr:
      'partner example-supplier already has the name SUPPLIER X with station EXRETAIL; nothing was changed\n',
  })
  expect(await partners.byId(db, 'twin')).toBeUndefined()
})

test('the certificate of our own station is not taken for the partner’s', async () => {
  const own = join(folder, 'own.pem')
  await writeFile(own, (await as2('cert', 'export', 'EXRETAIL')).stdout)
  const before = (await partners.byId(db, 'example-supplier'))!.pins.length
  for (const words of [
    ['cert', 'import', 'example-supplier', own],
    ['partner', 'set', 'example-supplier', '--certificate', own],
  ])
    expect(await as2(...words)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('this is the certificate of EXRETAIL, our own'),
    })
  expect((await partners.byId(db, 'example-supplier'))!.pins).toHaveLength(before)
})

test('what is missing for an exchange is told with the remedy', async () => {
  await as2('partner', 'set', 'bare', '--name', 'BARE', '--station', 'NEW')
  const { status, stdout } = await as2('test', 'bare')
  expect(status).toBe(1)
  expect(stdout).toContain('MISSING a valid key of NEW: edigw as2 keygen NEW')
  expect(stdout).toContain(
    'MISSING a valid certificate to verify with: edigw as2 cert import bare FILE',
  )
  expect(await as2('test', 'nobody')).toMatchObject({ status: 1 })
})

test.each([
  [
    'http://127.0.0.1:1/as2',
    [],
    'if the partner is in your own network: edigw as2 partner set away',
  ],
  [
    'http://127.0.0.1:1/as2',
    ['--private-network'],
    'ECONNREFUSED 127.0.0.1:1; nothing listens there',
  ],
])('a server that cannot be reached at %s %j is told with the remedy', async (url, more, text) => {
  const names = ['--name', 'AWAY', '--station', 'EXRETAIL', '--url', url]
  await as2('partner', 'set', 'away', ...names, ...more)
  expect((await as2('test', 'away')).stdout).toContain(text)
})

test('a file waits for a gateway when none runs', async () => {
  const path = await file('hello.edi', 'ISA*')
  const { status, stderr } = await as2(
    ...['send', path, '--partner', 'example-supplier', '--wait', '1'],
  )
  expect([status, stderr]).toEqual([1, expect.stringContaining('waits for a gateway')])
  const [row] = await db.query(`select state, content_type from outbox`)
  expect(row).toEqual({ state: 'sent', content_type: 'application/edi-x12' })
})
