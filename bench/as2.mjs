// AS2 messages sealed and opened without a network: how many of 100 KB a second on one thread, and throughput and memory
// of one large message from file to file. `node bench/as2.mjs [megabytes of the large one]` after a build.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { randomBytes, createPrivateKey } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { chunksOf, gather } from '../dist/gateway/channels/as2/bytes.js'
import { readCertificate } from '../dist/gateway/channels/as2/keys/certificate.js'
import { generateKey } from '../dist/gateway/channels/as2/keys/keygen.js'
import { buildReceipt } from '../dist/gateway/channels/as2/mdn/build.js'
import { Headers } from '../dist/gateway/channels/as2/mime/headers.js'
import { open } from '../dist/gateway/channels/as2/open.js'
import { seal } from '../dist/gateway/channels/as2/seal.js'

const megabytes = Number(process.argv[2] ?? 100)
const folder = await mkdtemp(join(tmpdir(), 'edigw-bench-'))
const us = await identity('Example Retail')
const partner = await identity('Example Supplier')
const now = new Date()

async function identity(commonName) {
  const pems = await generateKey({ commonName, notBefore: new Date(Date.now() - 60_000) })
  return {
    certificate: readCertificate(pems.certificatePem),
    privateKey: createPrivateKey(pems.privateKeyPem),
  }
}

const options = (cipher, compress) => ({
  ...(compress ? { compress: 'before-signing' } : {}),
  sign: { signer: partner, digest: 'sha256', signingTime: now },
  encrypt: { recipients: [us.certificate], cipher, transport: 'rsa' },
})

const opening = (store) => ({
  identities: [us],
  pinned: [partner.certificate],
  allowTripleDes: true,
  micDigest: 'sha256',
  maxBytes: 2 ** 40,
  store,
  discard: async () => {},
})

async function perSecond(work, seconds = 3) {
  await work()
  const start = performance.now()
  let count = 0
  while (performance.now() - start < seconds * 1000) {
    await work()
    count++
  }
  return (count * 1000) / (performance.now() - start)
}

const print = (label, ...values) => console.log(label.padEnd(44), ...values)

const small = randomBytes(100 * 1024)
const payload = () => ({ content: chunksOf(small), contentType: 'application/edi-x12' })
for (const cipher of ['aes256-cbc', 'aes256-gcm']) {
  const sealed = seal([payload()], options(cipher))
  const body = await gather(sealed.body, 1e9)
  const headers = new Headers(sealed.headers)
  const sealing = await perSecond(() => gather(seal([payload()], options(cipher)).body, 1e9))
  const receiving = await perSecond(async () => {
    const opened = await open(
      { headers, body: () => chunksOf(body) },
      opening((content) => gather(content, 1e9)),
    )
    await buildReceipt({
      as2From: 'A',
      as2To: 'B',
      originalMessageId: '<1@a>',
      messageId: '<2@b>',
      date: now,
      mic: opened.mic,
      text: 'received',
      sign: { signer: us, digest: 'sha256', signingTime: now },
    })
  })
  print(`100 KB ${cipher}, sign + encrypt`, sealing.toFixed(0), 'msg/s')
  print(`100 KB ${cipher}, open + signed receipt`, receiving.toFixed(0), 'msg/s')
}

async function* filler() {
  const block = randomBytes(1 << 20)
  for (let n = 0; n < megabytes; n++) yield block
}

for (const [cipher, compress] of [
  ['aes256-cbc', false],
  ['aes256-gcm', false],
  ['aes256-cbc', true],
]) {
  const file = join(folder, cipher)
  const out = join(folder, 'payload')
  let sealed
  const sealing = await measured(async () => {
    sealed = seal([{ content: filler(), contentType: 'a/b' }], options(cipher, compress))
    await pipeline(sealed.body, createWriteStream(file))
  })
  const receiving = await measured(() =>
    open(
      { headers: new Headers(sealed.headers), body: () => createReadStream(file) },
      opening((content) => pipeline(content, createWriteStream(out))),
    ),
  )
  const bytes = (await stat(out)).size
  if (bytes !== megabytes << 20) throw new Error(`${bytes} bytes came out`)
  const label = `${megabytes} MB ${cipher}${compress ? ' compressed' : ''}`
  print(`${label}, sign + encrypt`, sealing)
  print(`${label}, open`, receiving)
}
await rm(folder, { recursive: true })

/** Seconds, and how far the process grew beyond what it held before. */
async function measured(work) {
  const before = process.memoryUsage().rss
  let peak = before
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 10)
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  clearInterval(timer)
  const rate = (megabytes / seconds).toFixed(0)
  return `${seconds.toFixed(2)} s, ${rate} MB/s, RSS +${((peak - before) / 1048576).toFixed(0)} MB (${(peak / 1048576).toFixed(0)} MB)`
}
