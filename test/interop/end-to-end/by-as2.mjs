// A supplier on a foreign AS2 product: its 856 comes in, is handed over, and our 997 goes back into the product's hands.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey } from '../../../dist/gateway/channels/as2/keys/keygen.js'
import { x12Notices } from '../../../dist/test/gateway/documents.js'
import { until } from '../../odoo/e2e/processes.mjs'
import { sending } from '../as2/cases.mjs'
import { writeKeys } from '../as2/peers.mjs'
import {
  agree,
  arrivalsOf,
  ask,
  assertAccepts,
  assertQuarantined,
  handedOver,
  interchange,
} from './ours.mjs'
import { assertSeen } from './report.mjs'

/** Our AS2 name in the configuration of every peer. */
const STATION = 'US'
const MODES = ['sync', 'async']
let control = 0

export async function as2Scenarios(ours, definition, report) {
  const { folder, gateway } = ours
  const name = definition.name.replace(/\W/g, '').toUpperCase()
  const place = join(folder, name)
  mkdirSync(place)
  const target = `${gateway.url}/as2`
  const notBefore = new Date(Date.now() - 60_000)
  const [key, other] = [
    await generateKey({ commonName: name, notBefore }),
    await generateKey({ commonName: `${name} of somebody else`, notBefore }),
  ]
  writeFileSync(join(place, 'other.pem'), other.certificatePem)
  const certificatePem = await ourCertificate(gateway)
  await writeKeys(place, { certificatePem }, key)
  const partner = (letter, mode, certificate = 'peer.pem') => ({
    ...{ name: `${name}-${letter}`, id: `${name}-${letter}`.toLowerCase() },
    ...{ mode, certificate: join(place, certificate) },
    options: sending({ settings: { receipt: { mode } } }),
  })
  const [sync, async, forged] = [
    partner('S', 'sync'),
    partner('A', 'async'),
    partner('F', 'sync', 'other.pem'),
  ]
  const partners = [sync, async, forged]
  const peer = await definition.start({ folder: place, target, partners })
  try {
    for (const one of partners) await enter(gateway, peer, one, place)
    for (const one of partners) await agree(ours, agreementWith(one))
    const send = (from, text) =>
      peer.send(target, from.name, STATION, Buffer.from(text), from.options)
    const scene = { ours, peer, send, report, definition }
    for (const [n, one] of [sync, async].entries())
      await report.scenario(() => exchange(scene, one, `${definition.name}, ${MODES[n]} receipts`))
    await report.scenario(() => strangersIds(scene, sync, async, `${definition.name}, other ids`))
    await report.scenario(() => strangersName(scene, forged, `${definition.name}, other key`))
  } finally {
    peer.close()
  }
}

/** The certificate of our key, made with the first peer. */
async function ourCertificate(gateway) {
  const exported = await gateway.edigw('as2', 'cert', 'export', STATION).catch(() => '')
  return exported === '' ? gateway.edigw('as2', 'keygen', STATION) : exported
}

async function enter(gateway, { url, receiptUrls = [] }, { name, id, mode, certificate }, place) {
  const settings = join(place, `${id}.json`)
  writeFileSync(settings, JSON.stringify({ receiptUrls }))
  await gateway.edigw(
    ...['as2', 'partner', 'set', id, '--name', name, '--station', STATION, '--url', url],
    ...['--certificate', certificate, '--private-network', '--receipt', mode],
    ...['--carries', `ZZ:${name}>ZZ:EXRETAIL`, '--settings', settings],
  )
}

const agreementWith = ({ name, id }) => ({
  ...{ id, name: `${name} sends shipment notices`, ourRole: 'customer', theirRole: 'supplier' },
  us: { interchange: { qualifier: 'ZZ', id: 'EXRETAIL' } },
  partner: { interchange: { qualifier: 'ZZ', id: name } },
  documents: [
    { direction: 'in', message: '856', version: '004010' },
    { direction: 'out', message: '997', version: '004010' },
  ],
  acks: { functional: '997' },
  channel: { kind: 'as2', partner: id, contentType: 'application/edi-x12' },
})

const notice = (sender) => {
  const number = `SHP-${sender}-${++control}`
  return { number, control, text: x12Notices({ control, shipments: [number], sender }) }
}

async function exchange({ ours, peer, send, report, definition }, from, scenario) {
  const { number, control, text } = notice(from.name)
  await report.step(scenario, '856 sent signed and encrypted; our signed receipt', async () => {
    const { disposition, mic } = await send(from, text)
    assertSeen('the receipt', disposition, 'processed')
    assertSeen('the MIC in it', mic ?? (await peer.comparedMic(from.name)), 'equal')
    return `${disposition}; signature and MIC checked by ${definition.name}`
  })
  await report.step(scenario, 'translated and handed over to the target', async () => {
    const { document, partner } = await handedOver(ours, number)
    assertSeen('the partner', partner, from.id)
    return `${document.kind} ${number}, ${document.body.lines.length} lines`
  })
  const ack = await report.step(scenario, '997 sent back; their signed receipt', async () => {
    const found = await sentAck(ours, from.name, control)
    const { mic, signedBy } = found.evidence
    return { value: found, text: `${found.state}; MIC ${mic}, signed by ${signedBy.slice(0, 8)}…` }
  })
  await report.step(scenario, 'the 997 as it lies with them', async () =>
    assertAccepts((await peer.payload(ack.evidence.messageId)).toString(), {
      ...{ type: '856', code: 'SH', control },
    }),
  )
}

/** Our 997 for an interchange once its receipt has come and is verified. */
async function sentAck(ours, sender, control) {
  const { id } = await interchange(ours, sender, control, 'translated')
  return until(`the 997 for ${sender} ${control} is receipted`, async () => {
    const { items } = await ask(ours, 'GET', `/v1/interchanges/${id}/acks`)
    assertSeen('number of acknowledgements', items.length, 1)
    return items[0].state === 'transferred' && items[0]
  })
}

/** A partner we know brings the interchange ids of another one. */
async function strangersIds({ ours, peer, send, report }, from, other, scenario) {
  const before = await peer.count()
  const { number, control, text } = notice(other.name)
  await report.step(scenario, `856 of ${other.name} brought by ${from.name}`, async () => {
    const { disposition } = await send(from, text)
    assertSeen('the receipt', disposition, 'processed')
    return `${disposition}: the transport is acknowledged`
  })
  await report.step(scenario, 'quarantined, alert raised', () =>
    assertQuarantined(ours, other.name, control),
  )
  await report.step(scenario, 'no acknowledgement; an 856 of its own is answered', async () => {
    const own = notice(from.name)
    await send(from, own.text)
    await sentAck(ours, from.name, own.control)
    assertSeen('number of messages from us', (await peer.count()) - before, 1)
    assertSeen('deliveries to the target', arrivalsOf(ours.receiver, number).length, 0)
    return 'one 997 for that one, nothing for the other'
  })
}

/** Somebody uses the AS2 name of a partner whose key is another one. */
async function strangersName({ ours, peer, send, report }, from, scenario) {
  const before = await peer.count()
  const { number, control, text } = notice(from.name)
  await report.step(scenario, `856 as ${from.name}, signed by another key`, async () => {
    const { disposition } = await send(from, text).catch((error) => ({
      disposition: error.message,
    }))
    if (/^processed$/i.test(disposition)) throw new Error(`it was taken: ${disposition}`)
    return disposition.slice(0, 120)
  })
  await report.step(scenario, 'nothing is taken in, handed over or acknowledged', async () => {
    const { items } = await ask(ours, 'GET', `/v1/interchanges?sender=${from.name}`)
    assertSeen('number of interchanges', items.length, 0)
    assertSeen('deliveries to the target', arrivalsOf(ours.receiver, number).length, 0)
    assertSeen('number of messages from us', (await peer.count()) - before, 0)
    return `no interchange ${control}`
  })
}
