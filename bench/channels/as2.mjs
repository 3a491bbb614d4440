// The AS2 part of `npm run bench:channels`: a real gateway process with its embedded PostgreSQL, partners in other
// processes on the same machine, and OpenAS2 receiving the same messages where its jars are (EDIGW_INTEROP_OPENAS2, see
// test/interop). `node bench/channels/as2.mjs [megabytes of the large messages …]`; exit 1 when a must is missed.
import { spawn } from 'node:child_process'
import { createPrivateKey, randomBytes, randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { chunksOf, gather } from '../../dist/gateway/channels/as2/bytes.js'
import { readCertificate } from '../../dist/gateway/channels/as2/keys/certificate.js'
import { generateKey } from '../../dist/gateway/channels/as2/keys/keygen.js'
import { seal } from '../../dist/gateway/channels/as2/seal.js'
import { readConfig } from '../../dist/gateway/config.js'
import { uuidSource } from '../../dist/gateway/ids.js'
import { sealer } from '../../dist/gateway/security/sealing.js'
import { spoolOf } from '../../dist/gateway/spool.js'
import { as2Partners } from '../../dist/gateway/store/as2-partners.js'
import { openMailbox } from '../../dist/gateway/store/mailbox.js'
import { openStoreForCommand } from '../../dist/gateway/store/open.js'
import { localWake } from '../../dist/gateway/wake.js'
import { PEERS, writeKeys } from '../../test/interop/as2/peers.mjs'

const large = process.argv.slice(2).map(Number)
const MEGABYTES = large.length > 0 ? large : [100, 500]
const COUNT = Number(process.env.BENCH_COUNT ?? 1200)
const WARM_UP = 50
const LANES = 8
const SIZE = 100 * 1024

const folder = await mkdtemp(join(tmpdir(), 'edigw-bench-as2-'))
await chmod(folder, 0o711)
const masterKey = randomBytes(32).toString('base64')
const environment = {
  ...{ PORT: '0', EDIGW_DATA: join(folder, 'data'), EDIGW_MASTER_KEY: masterKey },
  ...{ EDIGW_LOG_LEVEL: 'info', EDIGW_MAX_AS2_BYTES: String(4 * 2 ** 30) },
}
const children = []

function start(script, args, env, input) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(input)
  children.push(child)
  return child
}
const firstLine = (child, pattern) =>
  new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`exit ${code}`)))
    createInterface(child.stdout).on('line', (line) => {
      const found = pattern.exec(line)
      if (found) resolve(found[1])
    })
  })

const gateway = start('dist/gateway/cli.js', ['serve'], environment)
const url = new URL(await firstLine(gateway, /"url":"([^"]+)".*"msg":"ready"/))
const { db, close } = await openStoreForCommand(readConfig(environment), () => undefined)
const partners = as2Partners(sealer(Buffer.from(masterKey, 'base64')))
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))

const notBefore = new Date(Date.now() - 60_000)
const [us, partner] = [
  await generateKey({ commonName: 'US', notBefore }),
  await generateKey({ commonName: 'PARTNER', notBefore }),
]
const identity = ({ certificatePem, privateKeyPem }) => ({
  certificate: readCertificate(certificatePem),
  privateKey: createPrivateKey(privateKeyPem),
})
const peer = start(
  'bench/channels/as2-partner.mjs',
  [],
  {},
  JSON.stringify({ own: partner, other: us.certificatePem }),
)
const peerUrl = `http://127.0.0.1:${await firstLine(peer, /^(\d+)$/)}/`
await partners.saveKey(db, 'US', identity(us))
for (let lane = 0; lane < LANES; lane++) {
  await partners.savePartner(db, {
    ...{ id: `partner-${lane}`, name: `PARTNER-${lane}`, station: 'US' },
    settings: { url: peerUrl, privateNetwork: true, accept: { maxBytes: 4 * 2 ** 30 } },
  })
  await partners.pinCertificate(db, `partner-${lane}`, identity(partner))
}

const sealing = (from, to) => ({
  sign: { signer: identity(from), digest: 'sha256', signingTime: new Date() },
  encrypt: { recipients: [identity(to).certificate], cipher: 'aes256-cbc', transport: 'rsa' },
})
const headersOf = (id, [from, to], sealed) => [
  ...['AS2-Version', '1.2', 'AS2-From', from, 'AS2-To', to, 'Message-ID', id],
  ...['Disposition-Notification-To', 'x', 'Disposition-Notification-Options'],
  'signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=optional, sha-256',
  ...sealed.headers.flat(),
]
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
function post(headers, body, length, target = new URL('/as2', url)) {
  const fields = [...headers, 'Host', new URL(target).host, 'Content-Length', `${length}`]
  return new Promise((resolve, reject) => {
    const call = request(target, { method: 'POST', agent, headers: fields })
    call.on('error', reject)
    call.on('response', (response) =>
      gather(response, 1 << 20).then((bytes) => {
        const answer = bytes.toString('latin1')
        if (response.statusCode === 200 && / processed\s/.test(answer)) resolve(answer)
        else reject(new Error(`${response.statusCode} ${answer.slice(0, 500)}`))
      }, reject),
    )
    if (Buffer.isBuffer(body)) call.end(body)
    else pipeline(body, call).catch(reject)
  })
}

/** Prints a measure; `met` tells whether its must is kept. */
const row = (measure, value, must, met) => {
  if (!met) process.exitCode = 1
  console.log(`${measure}\n    ${value}\n    must ${must}: ${met ? 'met' : 'MISSED'}`)
}
const memory = (pid, field) =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) /
  1024

/** Processor milliseconds a process has used; with `ended`, also those of children that have ended. */
const cpuMs = (pid, ended = false) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, ended ? 15 : 13)
  return fields.reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
}

/** The database's processes: the server and its children. */
function databaseMs() {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')
        return [{ pid, parent: stat[1], command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }]
      } catch {
        return [] // it has ended meanwhile
      }
    })
  const server = all.find(({ command }) => /^\S*postgres/.test(command) && command.includes(folder))
  return all
    .filter(({ pid, parent }) => pid === server.pid || parent === server.pid)
    .reduce((sum, { pid }) => sum + cpuMs(pid, pid === server.pid), 0)
}

/** What messages cost, whatever else the machine does: processor time of the gateway, its database and the partners. */
function meter() {
  const read = () => [
    cpuMs(gateway.pid),
    databaseMs(),
    cpuMs(peer.pid) + process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
  ]
  const before = read()
  return (count) => {
    const [own, database, others] = read().map((ms, n) => ((ms - before[n]) / count).toFixed(1))
    return `CPU ms each: gateway ${own}, database ${database}, partners ${others}`
  }
}

/** A payload as EDI is: text, never the same twice. */
const payload = () => Buffer.from(randomBytes(SIZE / 2).toString('hex'))
const content = () => ({ content: chunksOf(payload()), contentType: 'application/edi-x12' })

/** Posts messages over eight connections. */
async function run(list, target) {
  let next = 0
  const latencies = []
  const worker = async () => {
    for (let n = next++; n < list.length; n = next++) {
      const started = performance.now()
      await post(list[n].headers, list[n].body, list[n].body.length, target)
      latencies.push(performance.now() - started)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: 8 }, worker))
  return {
    seconds: (performance.now() - started) / 1000,
    latencies: latencies.sort((a, b) => a - b),
  }
}

/** `count` messages as partners send them to us. */
async function messagesOf(count, name) {
  const messages = []
  for (let n = 0; n < count; n++) {
    const sealed = seal([content()], sealing(partner, us))
    const names = [`PARTNER-${n % LANES}`, 'US']
    const headers = headersOf(`<${name}${n}@partner>`, names, sealed)
    messages.push({ headers, body: await gather(sealed.body, 1e9) })
  }
  return messages
}

/** OpenAS2 on this machine gets the same messages from us, for comparison. */
async function besideOpenAs2(rate) {
  const openAs2 = PEERS.find(({ name }) => name === 'OpenAS2')
  if ((await openAs2.missing()) !== undefined)
    return console.log(
      '    OpenAS2 is not on this machine: `npm run test:interop openas2` brings it',
    )
  const place = join(folder, 'openas2')
  await mkdir(place)
  await writeKeys(place, us, partner)
  const server = await openAs2.start({
    ...{ folder: place, target: url },
    partners: [{ name: 'PARTNER', options: { digest: 'sha256', cipher: 'aes256-cbc' } }],
  })
  try {
    const messages = []
    for (let n = 0; n < 250; n++) {
      const sealed = seal([content()], sealing(us, partner))
      const headers = headersOf(`<o${n}@us>`, ['US', 'PARTNER'], sealed)
      messages.push({ headers, body: await gather(sealed.body, 1e9) })
    }
    await run(messages.slice(0, 50), server.url)
    const { seconds } = await run(messages.slice(50), server.url)
    const theirs = 200 / seconds
    console.log(
      `    OpenAS2 in the same run: ${theirs.toFixed(0)} msg/s, ours is ${(rate / theirs).toFixed(1)} times that`,
    )
  } finally {
    server.close()
  }
}

console.log(
  `${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load at the start ${loadavg()[0].toFixed(1)}\n`,
)

// Growth is what a large message needs on top of a gateway at work: one that has done nothing yet grows by whatever is
// loaded and compiled for its first message, however small.
await run(await messagesOf(WARM_UP, 'w'))

for (const megabytes of MEGABYTES) {
  const file = join(folder, 'message')
  const block = randomBytes(1 << 20)
  const filler = (async function* () {
    for (let n = 0; n < megabytes; n++) {
      block.writeUInt32BE(n)
      yield Buffer.from(block)
    }
  })()
  const sealed = seal(
    [{ content: filler, contentType: 'application/octet-stream' }],
    sealing(partner, us),
  )
  await pipeline(sealed.body, createWriteStream(file))
  const { size } = await stat(file)
  const before = memory(gateway.pid, 'VmRSS')
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, memory(gateway.pid, 'VmRSS'))), 20)
  const started = performance.now()
  await post(
    headersOf(`<large-${megabytes}@partner>`, ['PARTNER-0', 'US'], sealed),
    createReadStream(file),
    size,
  )
  const seconds = (performance.now() - started) / 1000
  clearInterval(timer)
  await rm(file)
  const growth = peak - before
  const limit = megabytes === 100 ? 8 : Infinity
  row(
    `${megabytes} MB received to MDN`,
    `${seconds.toFixed(1)} s, RSS +${growth.toFixed(0)} MB (${peak.toFixed(0)} MB)`,
    limit < Infinity ? '≤ 8 s (aim 4 s), RSS ≤ +100 MB' : 'accepted, RSS ≤ +100 MB',
    seconds <= limit && growth <= 100,
  )
}

// The gateway goes on with what it has taken: the large ones are read again to be translated, which takes processor from
// what is measured next, so its end is waited for and told.
{
  const started = performance.now()
  const waiting = async () =>
    (await db.query(`select count(*) as n from inbox where state = 'received'`))[0].n
  while ((await waiting()) > 0) await new Promise((done) => setTimeout(done, 100))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`    translated ${seconds} s after the last of them was answered`)
}

{
  const messages = await messagesOf(COUNT, 'r')
  const warm = Math.floor(COUNT / 3)
  await run(messages.slice(0, warm))
  const used = meter()
  const { seconds, latencies } = await run(messages.slice(warm))
  const rate = (COUNT - warm) / seconds
  const percentile = (share) => latencies[Math.floor(latencies.length * share)].toFixed(0)
  row(
    'receive 100 KB signed + encrypted, signed MDN, durable, 8 connections',
    `${rate.toFixed(0)} msg/s, p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms; ${used(COUNT - warm)}`,
    '≥ 100 msg/s (aim 200)',
    rate >= 100,
  )
  await besideOpenAs2(rate)

  const copies = await Promise.all(
    Array.from({ length: 50 }, () => {
      const [{ headers, body }] = messages
      const again = headers.map((value) => (value === '<r0@partner>' ? '<storm@partner>' : value))
      return post(again, body, body.length)
    }),
  )
  const [{ n }] = await db.query(
    `select count(*) as n from inbox where dedupe_key = '<storm@partner>'`,
  )
  row(
    'same Message-ID 50 times in parallel',
    `${n} delivery, ${new Set(copies).size} different MDN`,
    '1 and 1',
    n === 1 && new Set(copies).size === 1,
  )
}

{
  const intake = openMailbox({ db, wake: localWake(), newId })
  const queue = async (from, to) => {
    for (let n = from; n < to; n++)
      await intake.answer({
        ...{ idempotencyKey: `bench ${n}`, channel: 'as2', partnerId: `partner-${n % LANES}` },
        ...{ payload: spoolOf(payload()), contentType: 'application/edi-x12' },
        address: { partner: `partner-${n % LANES}` },
      })
  }
  const left = async () =>
    (
      await db.query(
        `select count(*) as n from outbox where purpose = 'answer' and state <> 'transferred'`,
      )
    )[0].n
  const allSent = async () => {
    while ((await left()) > 0) await new Promise((done) => setTimeout(done, 100))
  }
  // Some first, then all of them queued before the first leaves, so that what is measured is the sending.
  const warm = Math.floor(COUNT / 3)
  await queue(0, warm)
  await allSent()
  await db.query(`update lane set paused_reason = 'bench' where kind = 'transfer'`)
  await queue(warm, COUNT)
  await intake.close()
  const first = await left()
  const used = meter()
  const started = performance.now()
  await db.query(`update lane set paused_reason = null`)
  await allSent()
  const seconds = (performance.now() - started) / 1000
  row(
    'send 100 KB signed + encrypted, signed MDN verified, 8 lanes',
    `${(first / seconds).toFixed(0)} msg/s; ${used(first)}`,
    '≥ 100 msg/s (aim 200)',
    first / seconds >= 100,
  )
}

await close()
agent.destroy()
for (const child of children) child.kill('SIGTERM')
await Promise.all(
  children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)),
)
await rm(folder, { recursive: true, force: true })
