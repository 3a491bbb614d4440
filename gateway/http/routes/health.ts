// What monitors and load balancers ask: does the process live, can it work, what does it count.
import { Type } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'
import { route, type Route } from '../route.js'

const Check = object({
  name: Type.String(),
  state: words(['ok', 'degraded', 'failed'] as const),
  text: Type.Optional(Type.String()),
})
export interface HealthCheck {
  name: string
  state: 'ok' | 'degraded' | 'failed'
  text?: string
}

const Health = object({
  status: Type.Literal('ok'),
  gateway: Type.String({ description: 'Version.' }),
  schemaVersions: Type.Array(Type.Integer()),
})
const Readiness = object({
  status: words(['ready', 'degraded', 'not ready'] as const),
  checks: Type.Array(Check),
})

export interface HealthOptions {
  version: string
  /** Looks at database, migrations, Redis …; `degraded` still serves. */
  checks(): Promise<readonly HealthCheck[]>
  /** True while the process drains. */
  stopping(): boolean
}

/** Canonical schema versions this gateway accepts and sends. */
const SCHEMA_VERSIONS = [1]

export function healthRoutes(options: HealthOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/livez',
      summary: 'Whether the process lives',
      scope: 'open',
      answers: { 200: { text: 'It does.', schema: object({ status: Type.Literal('ok') }) } },
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Whether the gateway can do its work now',
      scope: 'open',
      answers: {
        200: { text: 'It can; degraded means slower than it should be.', schema: Readiness },
        503: { text: 'It cannot.', schema: Readiness },
      },
      handle: async () => {
        const checks = options.stopping()
          ? [{ name: 'process', state: 'failed' as const, text: 'is being stopped' }]
          : await options.checks()
        const failed = checks.some((c) => c.state === 'failed')
        const degraded = checks.some((c) => c.state === 'degraded')
        const status = failed ? 'not ready' : degraded ? 'degraded' : 'ready'
        return { status: failed ? 503 : 200, body: { status, checks } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/health',
      summary: 'Versions of the gateway and of the canonical schema',
      scope: 'open',
      answers: { 200: { text: 'Versions.', schema: Health } },
      handle: async () => ({
        status: 200,
        body: { status: 'ok', gateway: options.version, schemaVersions: SCHEMA_VERSIONS },
      }),
    }),
  ]
}
