// Connections to Odoo: which database each is bound to, and whether it is paused. A copied or restored database pauses
// its connection until a manager says that it is the right one.
import { Type } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'
import type { Connection } from '../../config.js'
import type { Db } from '../../store/db.js'
import { readTargets, rebindTarget } from '../../store/targets.js'
import { doWork } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { Reason } from './operate.js'

export interface ConnectionRoutesOptions {
  db: Db
  wake: Wake
  connections: readonly Connection[]
}

const ConnectionState = object({
  id: Type.String(),
  url: Type.String({ description: 'As configured.' }),
  environment: words(['test', 'production'] as const),
  state: words(['open', 'paused'] as const),
  pausedReason: Type.Optional(Type.String()),
  pausedAt: Type.Optional(Type.String()),
  bound: Type.Optional(
    object({ uuid: Type.String(), url: Type.String(), environment: Type.String() }),
  ),
  checkedAt: Type.Optional(
    Type.String({ description: 'When its database was last found to be the bound one.' }),
  ),
})

export function connectionRoutes({ db, wake, connections }: ConnectionRoutesOptions): Route[] {
  const list = async () => {
    const targets = await readTargets(db)
    return connections.map(({ id, url, environment }) => {
      const known = targets.find((one) => one.id === id)
      const state = known?.pausedReason === undefined ? 'open' : 'paused'
      return { ...known, id, url, environment, state }
    })
  }

  return [
    route({
      method: 'get',
      path: '/v1/connections',
      summary: 'Connections to Odoo, the databases they are bound to, and why one is paused',
      scope: 'messages:read',
      answers: {
        200: { text: 'Connections.', schema: object({ items: Type.Array(ConnectionState) }) },
      },
      handle: async () => ({ status: 200, body: { items: await list() } }),
    }),
    route({
      method: 'post',
      path: '/v1/connections/{id}/rebind',
      summary:
        'Say that the database which answers there now is the right one: it is bound at the next contact and the pause ends',
      scope: 'connections:manage',
      params: object({ id: Type.String() }),
      body: object({ reason: Reason }),
      answers: {
        200: { text: 'The connection as it is now.', schema: ConnectionState },
        404: { text: 'There is no such connection.' },
      },
      handle: async ({ path: { id }, body: { reason }, caller }) => {
        if (!connections.some((one) => one.id === id))
          throw new Problem(404, 'not_found', `there is no connection ${id}`)
        await doWork(db, wake, (work) => rebindTarget(work, wake, id, caller.client, reason))
        return { status: 200, body: (await list()).find((one) => one.id === id) }
      },
    }),
  ]
}
