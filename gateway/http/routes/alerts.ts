// Alerts: what a person must look at, one open row per incident. Most close by themselves when their cause ends.
import { Type } from '@sinclair/typebox'
import { alertLink, alertRemedy } from '../../alert-remedy.js'
import { object, words } from '../../../edi-maps/canonical/values.js'
import {
  closeAlertById,
  findAlert,
  listAlerts,
  type Alert as AlertRow,
} from '../../store/alerts.js'
import { addAudit } from '../../store/audit.js'
import type { Db } from '../../store/db.js'
import { doWork } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { Reason } from './operate.js'
import { PAGE, pageOf } from './page.js'

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const Alert = object({
  id: Type.Integer(),
  kind: Type.String({ description: '`message-held`, `target-paused`, `ack-overdue` …' }),
  subject: NullableText,
  link: Type.Optional(Type.String({ description: 'Where the API tells more of the subject.' })),
  remedy: Type.String({ description: 'What to do about it, with the exact call.' }),
  text: Type.String({ description: 'In plain words, as it was told last.' }),
  count: Type.Integer({ description: 'How often it happened since it was opened.' }),
  openedAt: Type.String(),
  lastAt: Type.String(),
  closedAt: NullableText,
  closedBy: NullableText,
})
const told = (alert: AlertRow) => {
  const link = alertLink(alert)
  return { ...alert, ...(link === undefined ? {} : { link }), remedy: alertRemedy(alert) }
}
const Id = Type.String({ pattern: '^[1-9]\\d{0,14}$' })

export function alertRoutes({ db, wake }: { db: Db; wake: Wake }): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/alerts',
      summary: 'What a person must look at, newest first',
      scope: 'messages:read',
      query: object({
        /** Default `open`. */
        state: Type.Optional(words(['open', 'closed', 'all'] as const)),
        kind: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        limit: PAGE.limit,
        cursor: Type.Optional(Id),
      }),
      answers: { 200: { text: 'A page.', schema: pageOf(Alert) } },
      handle: async ({ query: { state = 'open', kind, limit, cursor } }) => {
        const filter = {
          ...(state === 'all' ? {} : { open: state === 'open' }),
          ...(kind === undefined ? {} : { kind }),
          ...(cursor === undefined ? {} : { before: Number(cursor) }),
        }
        const found = await listAlerts(db, filter, limit + 1)
        const items = found.slice(0, limit)
        const next = found.length > limit ? { next: String(items.at(-1)!.id) } : {}
        return { status: 200, body: { items: items.map(told), ...next } }
      },
    }),
    route({
      method: 'post',
      path: '/v1/alerts/{id}/close',
      summary: 'Close an alert; when its cause goes on it is opened anew',
      scope: 'messages:operate',
      params: object({ id: Id }),
      body: object({ reason: Reason }),
      answers: {
        200: { text: 'The alert as it is now.', schema: Alert },
        404: { text: 'There is no such alert.' },
        409: { text: 'It is closed already.' },
      },
      handle: async ({ path, body: { reason }, caller }) => {
        const id = Number(path.id)
        const found = await findAlert(db, id)
        if (found === undefined) throw new Problem(404, 'not_found', `there is no alert ${path.id}`)
        const closed = await doWork(db, wake, async (work) => {
          if (!(await closeAlertById(work, id, caller.client))) return false
          const { kind, text } = found
          await addAudit(work, {
            actor: caller.client,
            action: 'alert.close',
            subject: `alert ${id}`,
            detail: { kind, text, reason },
          })
          return true
        })
        if (!closed) throw new Problem(409, 'conflict', `alert ${id} is closed already`)
        const now = await findAlert(db, id)
        return { status: 200, body: now && told(now) }
      },
    }),
  ]
}
