// An AS2 server around foreign CMS operations (openssl, BouncyCastle): only MIME and HTTP are its own, written apart
// from the gateway's. `operations`: sign, verify, encrypt, decrypt, compress, expand on Buffers.
import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'

const CRLF = '\r\n'
const entity = (headers, body) =>
  Buffer.concat([
    Buffer.from(headers.map(([name, value]) => `${name}: ${value}${CRLF}`).join('') + CRLF),
    body,
  ])
const cmsEntity = (type, body) => ({
  headers: [
    ['Content-Type', `application/pkcs7-mime; smime-type=${type}; name=smime.p7m`],
    ['Content-Transfer-Encoding', 'binary'],
  ],
  body,
})

/** Header block and body of an entity in memory. */
function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n')
  const lines = bytes
    .subarray(0, end)
    .toString('latin1')
    .replace(/\r\n[ \t]+/g, ' ')
  const headers = Object.fromEntries(
    lines.split(CRLF).map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
  return { headers, body: bytes.subarray(end + 4) }
}

const parameter = (type, name) =>
  new RegExp(`${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(type)?.slice(1).find(Boolean)

/** Bytes of the parts between the delimiters. */
function parts(body, boundary) {
  const found = []
  const delimiter = Buffer.from(`--${boundary}`)
  let at = body.indexOf(delimiter)
  for (;;) {
    const start = body.indexOf(CRLF, at) + 2
    const next = body.indexOf(Buffer.from(`${CRLF}--${boundary}`), start)
    if (next < 0) return found
    found.push(body.subarray(start, next))
    at = next + 2
  }
}

async function signed(operations, inner, options) {
  const boundary = `=_${randomBytes(12).toString('hex')}`
  const signature = await operations.sign(inner, options)
  const lines = signature.toString('base64').replace(/.{76}/g, `$&${CRLF}`)
  return {
    headers: [
      [
        'Content-Type',
        `multipart/signed; protocol="application/pkcs7-signature"; micalg=${options.digest}; boundary="${boundary}"`,
      ],
    ],
    body: Buffer.concat([
      Buffer.from(`--${boundary}${CRLF}`),
      inner,
      Buffer.from(
        `${CRLF}--${boundary}${CRLF}Content-Type: application/pkcs7-signature; name=smime.p7s${CRLF}` +
          `Content-Transfer-Encoding: base64${CRLF}${CRLF}${lines}${CRLF}--${boundary}--${CRLF}`,
      ),
    ]),
  }
}

const quotedPrintable = (bytes) =>
  [...bytes]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replace(/.{72}/g, `$&=${CRLF}`)

/** The payload as its Content-Transfer-Encoding wants it; absent: as it is, and nothing said of it. */
function leaf(payload, encoding) {
  const headers = [['Content-Type', 'application/edi-x12']]
  if (encoding !== undefined) headers.push(['Content-Transfer-Encoding', encoding])
  if (encoding === 'base64')
    return { headers, body: Buffer.from(payload.toString('base64').replace(/.{76}/g, `$&${CRLF}`)) }
  if (encoding === 'quoted-printable')
    return { headers, body: Buffer.from(quotedPrintable(payload)) }
  return { headers, body: payload }
}

/** The same bytes with one bit of the middle changed. */
function damaged(bytes) {
  const changed = Buffer.from(bytes)
  changed[changed.length >> 1] ^= 1
  return changed
}

/** A signed entity whose content is not what was signed: its first payload byte is another. */
function changedContent(body) {
  const at = body.indexOf('\r\n\r\n', body.indexOf('Content-Type')) + 4
  const changed = Buffer.from(body)
  changed[at] ^= 1
  return changed
}

/** Builds what is sent: MIME headers, body, MIC. */
export async function build(operations, payload, options) {
  let current = leaf(payload, options.encoding)
  const compress = async () => {
    const bytes = await operations.compress(entity(current.headers, current.body))
    current = cmsEntity('compressed-data', bytes)
  }
  const digest = options.digest ?? 'sha256'
  const layered = options.cipher !== undefined || options.compress !== undefined
  const plain = layered ? entity(current.headers, current.body) : payload
  let mic = createHash(digest).update(plain).digest('base64')
  if (options.compress === 'before-signing') await compress()
  if (options.digest !== undefined) {
    const inner = entity(current.headers, current.body)
    mic = createHash(digest).update(inner).digest('base64')
    current = await signed(operations, inner, options)
    if (options.damage === 'content') current.body = changedContent(current.body)
  }
  if (options.compress === 'after-signing') await compress()
  if (options.cipher !== undefined) {
    const inner = entity(current.headers, current.body)
    const gcm = options.cipher.endsWith('gcm')
    current = cmsEntity(
      gcm ? 'authEnveloped-data' : 'enveloped-data',
      await operations.encrypt(inner, options),
    )
  }
  if (options.damage === 'ciphertext') current.body = damaged(current.body)
  return { ...current, mic }
}

/** Takes a message apart: payload and MIC, or the report. */
async function open(operations, headers, body, state = { layered: false, digest: 'sha256' }) {
  const type = headers['content-type'] ?? ''
  if (headers['content-transfer-encoding']?.toLowerCase() === 'base64')
    body = Buffer.from(body.toString('latin1'), 'base64')
  const into = async (bytes) => {
    const inner = parse(bytes)
    if (state.mic === undefined)
      state.unsignedMic = createHash(state.digest).update(bytes).digest('base64')
    return open(operations, inner.headers, inner.body, { ...state, layered: true })
  }
  if (/enveloped-data/i.test(type)) return into(await operations.decrypt(body))
  if (/compressed-data/i.test(type)) return into(await operations.expand(body))
  if (/signed-data/i.test(type)) {
    const content = await operations.verifyOpaque(body)
    state.mic = createHash(state.digest).update(content).digest('base64')
    return into(content)
  }
  if (/^multipart\/signed/i.test(type)) {
    const [content, second] = parts(body, parameter(type, 'boundary'))
    const p7s = parse(second)
    const base64 = /base64/i.test(p7s.headers['content-transfer-encoding'] ?? '')
    const signature = base64 ? Buffer.from(p7s.body.toString('latin1'), 'base64') : p7s.body
    await operations.verify(content, signature)
    const digest = parameter(type, 'micalg')?.toLowerCase().replace(/-/g, '') ?? 'sha256'
    state.mic = createHash(digest).update(content).digest('base64')
    state.digest = digest
    const inner = parse(content)
    return open(operations, inner.headers, inner.body, state)
  }
  const mic =
    state.mic ?? state.unsignedMic ?? createHash(state.digest).update(body).digest('base64')
  if (/^multipart\/report/i.test(type)) {
    const [, notification] = parts(body, parameter(type, 'boundary'))
    return { report: parse(parse(notification).body).headers }
  }
  return { payload: body, mic: `${mic}, ${state.digest}` }
}

const WISH =
  'signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, sha256, sha1'

/** Starts the server. Gives its URL, what arrived, and `send` to post a message to us and read our receipt. */
export async function startCmsPartner(operations) {
  const arrived = []
  const late = new Map()
  const receipt = async (from, to, id, disposition, mic, options) => {
    const boundary = `=_${randomBytes(12).toString('hex')}`
    const fields =
      `Reporting-UA: peer${CRLF}Final-Recipient: rfc822; ${from}${CRLF}Original-Message-ID: ${id}${CRLF}` +
      `Disposition: automatic-action/MDN-sent-automatically; ${disposition}${CRLF}` +
      (mic ? `Received-Content-MIC: ${mic}${CRLF}` : '')
    const report = {
      headers: [
        [
          'Content-Type',
          `multipart/report; report-type=disposition-notification; boundary="${boundary}"`,
        ],
      ],
      body: Buffer.from(
        `--${boundary}${CRLF}Content-Type: text/plain${CRLF}${CRLF}received${CRLF}${CRLF}--${boundary}${CRLF}` +
          `Content-Type: message/disposition-notification${CRLF}${CRLF}${fields}${CRLF}--${boundary}--${CRLF}`,
      ),
    }
    const message = options.signed
      ? await signed(operations, entity(report.headers, report.body), {
          ...{ digest: 'sha256', scheme: 'rsa' },
        })
      : report
    return {
      headers: [
        ['AS2-From', from],
        ['AS2-To', to],
        ['AS2-Version', '1.2'],
        ['Message-ID', `<${randomBytes(8).toString('hex')}@peer>`],
        ...message.headers,
      ],
      body: message.body,
    }
  }
  const serve = async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { headers } = request
    let disposition = 'processed'
    let opened = {}
    try {
      opened = await open(operations, headers, body)
      if (opened.report) {
        late.get(opened.report['original-message-id'])?.(opened.report)
        return response.writeHead(200).end()
      }
      arrived.push({ id: headers['message-id'], payload: opened.payload })
    } catch (error) {
      disposition = `processed/error: decryption-failed`
      arrived.push({ id: headers['message-id'], error: String(error).slice(0, 300) })
    }
    if (headers['disposition-notification-to'] === undefined) return response.writeHead(200).end()
    const wants = headers['disposition-notification-options'] ?? ''
    const answer = await receipt(
      headers['as2-to'],
      headers['as2-from'],
      headers['message-id'],
      disposition,
      opened.mic,
      { signed: /pkcs7-signature/.test(wants) },
    )
    const url = headers['receipt-delivery-option']
    if (url === undefined) return response.writeHead(200, answer.headers.flat()).end(answer.body)
    response.writeHead(202).end()
    await fetch(url, { method: 'POST', headers: answer.headers, body: answer.body })
  }
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.writeHead(500).end(String(error)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  return {
    url,
    arrived,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
    async send(target, from, to, payload, options) {
      const { headers, body, mic } = await build(operations, payload, options)
      const id = `<${randomBytes(8).toString('hex')}@peer>`
      const told = new Promise((done) => late.set(id, done))
      const wishes =
        options.mode === 'none'
          ? []
          : [
              ['Disposition-Notification-To', 'peer'],
              ...(options.signedReceipt ? [['Disposition-Notification-Options', WISH]] : []),
              ...(options.mode === 'async' ? [['Receipt-Delivery-Option', url]] : []),
            ]
      const names = [
        ['AS2-Version', '1.2'],
        ['AS2-From', from],
        ['AS2-To', to],
      ]
      const deliver = () =>
        fetch(target, {
          method: 'POST',
          headers: [...names, ['Message-ID', id], ...wishes, ...headers],
          ...(options.chunked ? { body: new Blob([body]).stream(), duplex: 'half' } : { body }),
        })
      const response = await deliver()
      const bytes = Buffer.from(await response.arrayBuffer())
      if (options.mode === 'none')
        return { disposition: bytes.length === 0 ? 'processed' : 'an answer nobody asked for' }
      if (options.twice) {
        const again = Buffer.from(await (await deliver()).arrayBuffer())
        if (!again.equals(bytes)) return { disposition: 'another receipt for the repeat' }
      }
      const report =
        options.mode === 'async'
          ? await Promise.race([
              told,
              new Promise((done) => setTimeout(() => done({}), 20_000).unref()),
            ])
          : (await open(operations, Object.fromEntries(response.headers), bytes)).report
      const disposition = report?.disposition?.replace(/^.*;\s*/, '') ?? `HTTP ${response.status}`
      const theirs = report?.['received-content-mic']?.split(',')[0]
      return { disposition, mic: theirs === mic ? 'equal' : theirs ? 'differs' : 'none' }
    },
  }
}
