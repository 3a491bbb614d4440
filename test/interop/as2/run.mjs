// `npm run test:interop`: the gateway and foreign AS2 implementations exchange messages both ways in every case of
// cases.mjs; receipts and MICs are checked on both sides. Prints a table; exit 1 when something is not as expected. Words
// name peers (`openssl`), `--core` the cases that ./test/all runs.
import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPrivateKey } from 'node:crypto'
import { readCertificate } from '../../../dist/gateway/channels/as2/keys/certificate.js'
import { generateKey } from '../../../dist/gateway/channels/as2/keys/keygen.js'
import { readConfig } from '../../../dist/gateway/config.js'
import { uuidSource } from '../../../dist/gateway/ids.js'
import { createLog } from '../../../dist/gateway/log.js'
import { startGateway } from '../../../dist/gateway/main.js'
import { sealer } from '../../../dist/gateway/security/sealing.js'
import { spoolOf } from '../../../dist/gateway/spool.js'
import { as2Partners } from '../../../dist/gateway/store/as2-partners.js'
import { openMailbox } from '../../../dist/gateway/store/mailbox.js'
import { openStoreForCommand } from '../../../dist/gateway/store/open.js'
import { outboxByKey, transferOutcome } from '../../../dist/gateway/store/outbox.js'
import { localWake } from '../../../dist/gateway/wake.js'
import { CASES, PAYLOAD, sending, TEXT_PAYLOAD } from './cases.mjs'
import { until } from './openas2.mjs'
import { bring, PEERS, writeKeys } from './peers.mjs'

const core = process.argv.includes('--core')
const wanted = process.argv.slice(2).filter((word) => word !== '--core')
const cases = core ? CASES.filter((one) => one.core === true) : CASES
const folder = await mkdtemp(join(tmpdir(), 'edigw-interop-'))
await chmod(folder, 0o711)
const masterKey = randomBytes(32)
const config = readConfig({
  ...{ PORT: '0', EDIGW_DATA: join(folder, 'data'), EDIGW_LOG_LEVEL: 'error' },
  EDIGW_MASTER_KEY: masterKey.toString('base64'),
})
const log = createLog({ level: 'error', format: 'json', stream: process.stderr })
const gateway = await startGateway(config, { log, onLost: (error) => console.error(error) })
const { db, close } = await openStoreForCommand(config, () => undefined)
const partners = as2Partners(sealer(masterKey))
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))
const wake = localWake()
const intake = openMailbox({ db, wake, newId })
const target = `${gateway.url}/as2`

const notBefore = new Date(Date.now() - 60_000)
const us = await generateKey({ commonName: 'US', notBefore })
await partners.saveKey(db, 'US', {
  certificate: readCertificate(us.certificatePem),
  privateKey: createPrivateKey(us.privateKeyPem),
})

let unexpected = 0
/** Cell of the table. `expected`: `pass`, `refused`; anything else is told. */
function cell(expected, outcome) {
  if (outcome === expected || (expected === 'refused' && outcome.startsWith('refused')))
    return outcome === 'pass' ? 'pass' : 'refused as expected'
  unexpected++
  return `!! ${outcome}`
}

const notOffered = (definition, one, way) =>
  (one.mimeOnly === true && definition.text === true) || definition.offersNot[way](one)

async function toThem(peer, id, payload) {
  const key = `interop ${newId()}`
  const contentType = 'application/edi-x12'
  await intake.answer({
    ...{
      idempotencyKey: key,
      channel: 'as2',
      partnerId: id,
      contentType,
      payload: spoolOf(payload),
    },
    address: { partner: id, contentType, fileName: 'interop.edi' },
  })
  const row = await until('the transfer has ended', async () => {
    const found = await outboxByKey(db, key)
    return found && !['sent', 'awaiting'].includes(found.state) && found
  }).catch(() => undefined)
  const stored = row ?? (await outboxByKey(db, key))
  const { evidence, error } = await transferOutcome(db, stored.id)
  if (row === undefined) {
    await db.query(`delete from job where payload->>'outboxId' = $1`, [stored.id])
    return `no end (${error ?? 'no answer'})`
  }
  if (row.state !== 'transferred') return `refused (${error})`
  const arrived = await peer.payload(evidence.messageId)
  return arrived?.equals(payload) ? 'pass' : 'other bytes arrived'
}

async function toUs(peer, id, name, payload, one) {
  const { disposition, mic } = await peer.send(target, name, 'US', payload, sending(one))
  const rows = await db.query(
    `select r.state, r.disposition, r.detail, i.sha256 from as2_received r left join inbox i on i.id = r.inbox_id
     where r.partner = $1 order by r.received_at desc limit 1`,
    [id],
  )
  const [row] = rows
  if (row?.state === 'rejected' && !/^processed$/i.test(disposition))
    return row.disposition.includes(one.refusal ?? '')
      ? `refused (${disposition}; ${row.detail})`
      : `wrongly refused (${row.disposition})`
  if (row === undefined || !/^processed/i.test(disposition) || /error/i.test(disposition))
    return `they say ${disposition}`
  if (mic === 'differs') return 'MIC differs'
  const sha256 = createHash('sha256').update(payload).digest()
  return sha256.equals(row.sha256) ? 'pass' : 'other bytes arrived'
}

const table = []
for (const definition of PEERS) {
  if (wanted.length > 0 && !wanted.some((name) => definition.name.toLowerCase().includes(name)))
    continue
  const missing = await bring(definition)
  if (missing !== undefined) {
    console.log(`${definition.name} is not on this machine and cannot be brought: ${missing}`)
    unexpected++
    continue
  }
  const place = join(folder, definition.name.replace(/\W/g, ''))
  await mkdir(place, { recursive: true })
  const key = await generateKey({ commonName: 'peer', notBefore })
  await writeKeys(place, us, key)
  const named = cases.map((one, n) => ({
    one,
    name: `${definition.name.replace(/\W/g, '').toUpperCase()}-${n + 1}`,
    id: `${definition.name.replace(/\W/g, '').toLowerCase()}-${n + 1}`,
  }))
  const peer = await definition.start({
    ...{ folder: place, target },
    partners: named.map(({ name, one }) => ({ name, options: sending(one) })),
  })
  const certificate = readCertificate(key.certificatePem)
  for (const { one, name, id } of named) {
    const { url, receiptUrls = [] } = peer
    const settings = { url, receiptUrls, privateNetwork: true, timeoutSeconds: 20, ...one.settings }
    await partners.savePartner(db, { id, name, station: 'US', settings })
    await partners.pinCertificate(db, id, { certificate })
    const usual = [definition.text ? TEXT_PAYLOAD : PAYLOAD, Buffer.from(`${id}\r\n`)]
    const payload = one.payload === undefined ? Buffer.concat(usual) : Buffer.from(one.payload)
    const attempt = (work) => work().catch((error) => error.message.slice(0, 300))
    const out = one.theyOnly
      ? ''
      : notOffered(definition, one, 'toThem')
        ? '(not offered)'
        : cell(
            definition.refuses(one) ? 'refused' : 'pass',
            await attempt(() => toThem(peer, id, payload)),
          )
    const back = one.weOnly
      ? ''
      : notOffered(definition, one, 'toUs')
        ? '(not offered)'
        : cell(
            one.refusal ? 'refused' : 'pass',
            await attempt(() => toUs(peer, id, name, payload, one)),
          )
    table.push({ peer: definition.name, case: one.name, 'us → peer': out, 'peer → us': back })
    console.log([definition.name.padEnd(12), one.name.padEnd(50), out.padEnd(22), back].join(' '))
  }
  peer.close()
}

const count = (text) => table.flatMap(Object.values).filter((value) => value === text).length
console.log(
  `\n${count('pass')} pass, ${count('refused as expected')} refused as expected, ${count('(not offered)')} not offered, ${unexpected} not as expected`,
)
await intake.close()
await close()
await gateway.stop()
await rm(folder, { recursive: true, force: true })
process.exit(unexpected === 0 ? 0 : 1)
