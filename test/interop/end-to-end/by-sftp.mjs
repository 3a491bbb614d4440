// A depositor and its warehouse by SFTP: the 940 goes out, the warehouse answers with a 997 and a 945, our 997 goes back.
// The warehouse has OpenSSH and nothing of ours: its sshd, from which the gateway fetches, or its sftp, with which it
// logs in to us.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { keyPair, sftp, startSshd } from '../../../dist/test/gateway/channels/sftp/openssh.js'
import { uuidSource } from '../../../dist/gateway/ids.js'
import { randomFillSync } from 'node:crypto'
import { until } from '../../odoo/e2e/processes.mjs'
import { agree, arrivalsOf, ask, assertAccepts, assertQuarantined, handedOver } from './ours.mjs'
import { assertSeen } from './report.mjs'

const golden = (path) => readFileSync(new URL(`../../golden/x12/${path}`, import.meta.url), 'utf8')
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))
let control = 100

export async function sftpScenarios(ours, report) {
  const place = join(ours.folder, 'sftp')
  mkdirSync(place)
  const keys = { theirs: await keyPair(place, 'warehouse'), host: await keyPair(place, 'host') }
  const [served, logsIn] = [
    { id: 'warehouse-with-a-server', edi: 'EXWHSERVER' },
    { id: 'warehouse-that-logs-in', edi: 'EXWHLOGIN' },
  ]
  const sshd = await theirServer(ours, place, keys, served)
  try {
    const account = await ourServer(ours, place, keys, logsIn)
    const scene = { ours, report }
    for (const [warehouse, desk, scenario] of [
      [served, sshd.desk, 'OpenSSH sshd, we log in'],
      [logsIn, account, 'OpenSSH sftp logs in to us'],
    ])
      await report.scenario(() => exchange(scene, warehouse, desk, scenario))
    await report.scenario(() =>
      strangersIds(scene, logsIn, served, account, 'OpenSSH sftp, other ids'),
    )
  } finally {
    sshd.stop()
  }
}

const agreementWith = ({ id, edi }, channel) => ({
  ...{ id, name: `${edi} ships for us`, ourRole: 'depositor', theirRole: 'warehouse' },
  us: { interchange: { qualifier: 'ZZ', id: 'EXDEPOSITOR' } },
  partner: { interchange: { qualifier: 'ZZ', id: edi } },
  documents: [
    { direction: 'out', message: '940', version: '004010' },
    { direction: 'in', message: '945', version: '004010' },
  ],
  acks: { functional: '997' },
  channel: { kind: 'sftp', ...channel },
})

/** The warehouse's place to get files from and put files to, with OpenSSH's sftp. */
function desk(login, { from, to, takes }) {
  const folder = join(login.folder, `desk-${login.port}`)
  mkdirSync(folder)
  const session = async (...commands) => {
    const ran = await sftp(login, commands)
    if (ran.code !== 0) throw new Error(`sftp ${commands.join('; ')}: ${ran.err}`)
    return ran.out
  }
  return {
    /** Text of the file in its folder whose name begins so, once it is there; it is removed there when it `takes` files. */
    take: (beginning) =>
      until(`a file ${beginning}… in ${from}`, async () => {
        const listed = await session(`ls -1 ${from}`)
        const name = listed
          .split('\n')
          .map((line) => line.split('/').at(-1))
          .find((one) => one.startsWith(beginning) && one.endsWith('.edi'))
        if (name === undefined) return undefined
        await session(
          `get ${from}/${name} ${folder}/${name}`,
          ...(takes ? [`rm ${from}/${name}`] : []),
        )
        return { name, text: readFileSync(join(folder, name), 'latin1') }
      }),
    put: async (name, text) => {
      writeFileSync(join(folder, name), text, 'latin1')
      await session(
        `put ${folder}/${name} ${to}/${name}.tmp`,
        `rename ${to}/${name}.tmp ${to}/${name}`,
      )
    },
    count: async () =>
      (await session(`ls -1 ${from}`)).split('\n').filter((line) => line.endsWith('.edi')).length,
  }
}

/** OpenSSH's server of the warehouse, the gateway's connection to it, and the warehouse's own way in. */
async function theirServer(ours, place, { theirs, host }, { id, edi }) {
  const { gateway } = ours
  const home = join(place, 'home')
  for (const name of ['to-warehouse', 'from-warehouse'])
    mkdirSync(join(home, name), { recursive: true })
  const sshd = await startSshd(home, { hostKey: host.path, authorizedKey: theirs.line })
  const settings = join(place, 'connection.json')
  writeFileSync(
    settings,
    JSON.stringify({ fetch: { folder: 'from-warehouse', every: 5, stable: 0 } }),
  )
  await agree(ours, agreementWith({ id, edi }, { connection: id }))
  const publicKey = await gateway.edigw(
    ...['sftp', 'connection', 'add', id, '--host', '127.0.0.1', '--port', String(sshd.port)],
    ...['--user', sshd.user, '--host-key', `${host.path}.pub`, '--agreement', id],
    ...['--fetch', 'from-warehouse', '--put', 'to-warehouse', '--settings', settings],
  )
  appendFileSync(join(home, 'authorized_keys'), publicKey)
  await gateway.edigw('sftp', 'connection', 'test', id)
  const login = {
    port: sshd.port,
    user: sshd.user,
    folder: place,
    key: theirs.path,
    hostKeys: [host.line],
  }
  return { stop: sshd.stop, desk: desk(login, { from: 'to-warehouse', to: 'from-warehouse' }) }
}

/** The warehouse's account with us, and its way in. */
async function ourServer(ours, place, { theirs }, { id, edi }) {
  const { gateway, sftpPort } = ours
  await agree(ours, agreementWith({ id, edi }, { account: id }))
  await gateway.edigw(
    'sftp',
    'account',
    'add',
    id,
    '--agreement',
    id,
    '--key',
    `${theirs.path}.pub`,
  )
  const shown = await gateway.edigw('sftp', 'host-keys')
  const hostKeys = shown.split('\n').filter((line) => line.startsWith('ssh-'))
  const login = { port: sftpPort, user: id, folder: place, key: theirs.path, hostKeys }
  return desk(login, { from: 'out', to: 'in', takes: true })
}

const envelope = (from, code, body) => {
  const [number, padded] = [++control, String(control).padStart(9, '0')]
  const count = body.split('~').length + 1
  const type = { FA: '997', SW: '945' }[code]
  return {
    control: number,
    text:
      `ISA*00*          *00*          *ZZ*${from.padEnd(15)}*ZZ*EXDEPOSITOR    *260102*0304*U*00401*${padded}*0*P*>~` +
      `GS*${code}*${from}*EXDEPOSITOR*20260102*0304*${number}*X*004010~ST*${type}*0001~${body}` +
      `SE*${count}*0001~GE*1*${number}~IEA*1*${padded}~`,
  }
}

/** The 945 that reports all of an order as shipped, from the order number alone: the golden one with that number. */
const advice = (from, order) => {
  const body = /(W06[^]*?~)SE\*/.exec(golden('945/shipped-in-full/in.edi').replaceAll('\n', ''))[1]
  return envelope(from, 'SW', body.replace('PICK-0001', order).replace('SHIP-900', `SHIP-${order}`))
}

async function exchange({ ours, report }, { id, edi }, warehouse, scenario) {
  const order = `PICK-${edi}`
  const message = { id: newId(), revision: 1 }
  await report.step(scenario, '940 handed in by the API', async () => {
    const [{ source: _, ...document }] = JSON.parse(golden('940/original/canonical.json'))
    const body = {
      ...{ ...message, correlationId: order, direction: 'out', partner: id, test: false },
      ...{ ourRole: 'depositor', theirRole: 'warehouse' },
      document: { ...document, documentNumber: order },
    }
    const key = { 'Idempotency-Key': `${message.id}.1` }
    await ask(ours, 'POST', '/v1/messages', body, key)
    return `order ${order}`
  })
  const taken = await report.step(scenario, 'the warehouse gets it by sftp', async () => {
    const { name, text } = await warehouse.take('940')
    const found = /W05\*N\*([^*~]+)/.exec(text)?.[1]
    assertSeen('the order number', found, order)
    return { value: { order: found, group: /GS\*OW\*[^~]*\*(\d+)\*X/.exec(text)[1] }, text: name }
  })
  await report.step(scenario, 'its 997 is matched to the 940', async () => {
    const { group } = taken
    const ack = `AK1*OW*${group}~AK2*940*0001~AK5*A~AK9*A*1*1*1~`
    await warehouse.put('997.edi', envelope(edi, 'FA', ack).text)
    return until('the 940 is accepted', async () => {
      const { state } = await ask(ours, 'GET', `/v1/messages/${message.id}`)
      return state === 'accepted' && `the 940 is ${state}`
    })
  })
  const shipped = advice(edi, taken.order)
  await report.step(scenario, 'its 945 is translated and handed over', async () => {
    await warehouse.put('945.edi', shipped.text)
    const { document, partner } = await handedOver(ours, `SHIP-${order}`)
    assertSeen('the partner', partner, id)
    assertSeen('the order it answers', document.body.orderNumber, order)
    return `${document.kind} SHIP-${order}, ${document.body.lines.length} lines`
  })
  await report.step(scenario, 'order and advice are found together', async () => {
    const wanted = 'in warehouseShippingAdvice handed_over; out warehouseShippingOrder accepted'
    return until(wanted, async () => {
      const { items } = await ask(ours, 'GET', `/v1/messages?order=${order}`)
      const found = items.map(({ direction, kind, state }) => `${direction} ${kind} ${state}`)
      return found.sort().join('; ') === wanted && wanted
    })
  })
  await report.step(scenario, 'our 997 in the folder of the warehouse', async () => {
    const { text } = await warehouse.take('997')
    return assertAccepts(text, { type: '945', code: 'SW', control: shipped.control })
  })
}

/** A warehouse we know brings the interchange ids of another one. */
async function strangersIds({ ours, report }, from, other, warehouse, scenario) {
  const order = `PICK-${other.edi}-X`
  const { text, control } = advice(other.edi, order)
  await report.step(scenario, `945 of ${other.edi} put by ${from.id}: quarantined`, async () => {
    await warehouse.put('other.edi', text)
    return assertQuarantined(ours, other.edi, control)
  })
  await report.step(scenario, 'no acknowledgement; a 945 of its own is answered', async () => {
    const own = advice(from.edi, `${order}-2`)
    await warehouse.put('own.edi', own.text)
    const answer = await warehouse.take('997')
    assertAccepts(answer.text, { type: '945', code: 'SW', control: own.control })
    assertSeen('files left for it', await warehouse.count(), 0)
    assertSeen('deliveries to the target', arrivalsOf(ours.receiver, `SHIP-${order}`).length, 0)
    return 'one 997 for that one, nothing for the other'
  })
}
