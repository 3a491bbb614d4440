// The other side of the sending bench in a process of its own: opens each message and answers with a signed receipt.
// Gets its key and our certificate as JSON on standard input, prints its port.
import { createPrivateKey } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { chunksOf, gather } from '../../dist/gateway/channels/as2/bytes.js'
import { readCertificate } from '../../dist/gateway/channels/as2/keys/certificate.js'
import { buildReceipt } from '../../dist/gateway/channels/as2/mdn/build.js'
import { Headers } from '../../dist/gateway/channels/as2/mime/headers.js'
import { open } from '../../dist/gateway/channels/as2/open.js'

const { own, other } = JSON.parse(await text(process.stdin))
const identity = {
  certificate: readCertificate(own.certificatePem),
  privateKey: createPrivateKey(own.privateKeyPem),
}
const options = {
  ...{
    identities: [identity],
    pinned: [readCertificate(other)],
    micDigest: 'sha256',
    maxBytes: 1e9,
  },
  store: (content) => gather(content, 1e9),
  discard: async () => {},
}
let count = 0
const server = createServer(async (request, response) => {
  const body = await gather(request, 1e9)
  const headers = Headers.fromRaw(request.rawHeaders)
  const { mic } = await open({ headers, body: () => chunksOf(body) }, options)
  const receipt = await buildReceipt({
    ...{ as2From: headers.get('as2-from'), as2To: headers.get('as2-to'), mic, text: 'received' },
    ...{ originalMessageId: headers.get('message-id'), messageId: `<${++count}@partner>` },
    ...{ date: new Date(), sign: { signer: identity, digest: 'sha256', signingTime: new Date() } },
  })
  response.writeHead(200, [
    ...receipt.headers.flat(),
    'Content-Length',
    String(receipt.body.length),
  ])
  response.end(receipt.body)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
