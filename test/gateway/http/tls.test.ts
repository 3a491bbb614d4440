// POST /as2 of a running gateway over TLS: client certificates, and a certificate that is replaced while it runs.
import { expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { sealer } from '../../../gateway/security/sealing.js'
import { as2Partners } from '../../../gateway/store/as2-partners.js'
import { identity, type TestIdentity } from '../channels/as2/identities.js'
import { testDatabase, until } from '../../postgres.js'
import { edigw, startProcess, temporaryFolder } from '../process.js'

const { db, url } = await testDatabase()
const masterKey = randomBytes(32)
const partners = as2Partners(sealer(masterKey))
const folder = temporaryFolder()
const certificate = join(folder, 'tls.pem')
const key = join(folder, 'tls.key')
const env = {
  ...{ DATABASE_URL: url, EDIGW_MASTER_KEY: masterKey.toString('base64') },
  ...{ EDIGW_TLS_CERTIFICATE: certificate, EDIGW_TLS_KEY: key },
}
const notBefore = new Date(Date.now() - 60_000)

/** As tools that renew certificates do it: written beside, then renamed. */
function place(path: string, pem: string) {
  writeFileSync(`${path}.new`, pem)
  renameSync(`${path}.new`, path)
}

const [first, second, client, other] = [
  await identity('first.example', { notBefore }),
  await identity('second.example', { notBefore }),
  await identity('client', { notBefore }),
  await identity('other', { notBefore }),
]
place(certificate, first.certificatePem)
place(key, first.privateKeyPem)
await partners.savePartner(db, {
  ...{ id: 'example-supplier', name: 'SUPPLIER', station: 'RETAIL' },
  settings: { accept: { tlsCertificate: client.certificate.fingerprint.toUpperCase() } },
})
const gateway = await startProcess(env)
const { hostname, port } = new URL(gateway.url)

const shown = () =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false })
    socket.on('error', reject)
    socket.on('secureConnect', () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate
      socket.destroy()
      resolve(String(subject.CN))
    })
  })

const post = (by?: TestIdentity) =>
  new Promise<number>((resolve, reject) => {
    const call = request(`${gateway.url}/as2`, {
      ...{ method: 'POST', rejectUnauthorized: false, agent: false },
      headers: { 'AS2-From': 'SUPPLIER', 'AS2-To': 'RETAIL', 'Message-ID': '<1@supplier>' },
      ...(by === undefined ? {} : { cert: by.certificatePem, key: by.privateKeyPem }),
    })
    call.on('error', reject)
    call.on('response', (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    call.end()
  })

test('only the client certificate that is pinned for the partner lets its messages in', async () => {
  expect(gateway.url).toMatch(/^https:/)
  expect(await post()).toBe(403)
  expect(await post(other)).toBe(403)
  expect(await post(client)).toBe(400) // let in, and then told that the body is empty
})

test('a new certificate is shown without a restart, one that does not fit its key is not', async () => {
  expect(await shown()).toBe('first.example')
  place(certificate, second.certificatePem)
  await until('the files do not fit', () =>
    gateway.log.some(({ msg }) => msg === 'the new TLS certificate is not used'),
  )
  expect(await shown()).toBe('first.example')
  place(key, second.privateKeyPem)
  await until('the new certificate is shown', async () => (await shown()) === 'second.example')
})

test('one of the two files alone, or files that cannot be read, end the start with a remedy', async () => {
  const alone = await edigw(['serve'], { ...env, EDIGW_TLS_KEY: '' })
  expect([alone.status, alone.stderr]).toEqual([3, expect.stringContaining('EDIGW_TLS_KEY')])
  const none = await edigw(['serve'], { ...env, PORT: '0', EDIGW_TLS_KEY: join(folder, 'none') })
  expect([none.status, none.stderr]).toEqual([3, expect.stringContaining('cannot be used')])
})
