// GET /metrics: for a caller with the scope, or for one on this machine that did not come through a proxy.
import type { Metrics } from '../../metrics.js'
import type { Authenticator } from '../../security/authenticate.js'
import { authorize } from '../authorize.js'
import type { Exchange } from '../exchange.js'

export const METRICS_PATH = '/metrics'

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** Serves the page; throws a Problem. */
export function createMetricsPage(metrics: Metrics, authenticator: Authenticator) {
  return async (exchange: Exchange): Promise<void> => {
    exchange.route = METRICS_PATH
    const { headers } = exchange.request
    const local =
      LOOPBACK.test(exchange.origin) &&
      headers.authorization === undefined &&
      FORWARDED.every((name) => headers[name] === undefined)
    if (!local) {
      await authorize(exchange, 'metrics:read', { authenticator, meter: metrics.meter })
    }
    const { contentType, text } = await metrics.page()
    exchange.response.writeHead(200, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(text),
    })
    exchange.response.end(text)
  }
}
