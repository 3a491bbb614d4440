// The rest channel as every channel; what comes in by HTTP is test/gateway/http/intake.test.ts.
import { afterAll } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { restChannel } from '../../../../gateway/channels/rest/index.js'
import type { Channel } from '../../../../gateway/channels/channel.js'
import { channelConformance } from '../../../conformance/channel.js'

const got = new Map<string, Buffer>()
const server = createServer((request, response) => {
  void (async () => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    if (request.url === '/never') {
      response.writeHead(400).end()
      return
    }
    got.set(String(request.headers['idempotency-key']), Buffer.concat(parts))
    response.writeHead(200).end()
  })()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

channelConformance({ carries: true, goes: true, refuses: true }, async () => ({
  channel: restChannel({ fetch }) as Channel,
  address: { url: `${url}/edi` },
  wrongAddresses: [{}, { url: 'ftp://127.0.0.1' }, { url, more: 1 }],
  unreachable: { url: 'http://127.0.0.1:1/edi' },
  refusing: { url: `${url}/never` },
  arrived: async () => [...got.values()],
}))
