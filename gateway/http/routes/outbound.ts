// Canonical Messages handed to us to be sent, by Odoo's push or an API client; and the check before it is sent for real.
import { Type } from '@sinclair/typebox'
import { Message } from '../../../edi-maps/canonical/message.js'
import { object, words } from '../../../edi-maps/canonical/values.js'
import type { Issue } from '../../../edi-maps/issue.js'
import type { Connection } from '../../config.js'
import type { Edi } from '../../edi.js'
import type { Meter } from '../../meter.js'
import {
  acceptOutbound,
  checkOutbound,
  type Outbound,
  type OutboundProblem,
} from '../../outbound.js'
import type { Caller } from '../../security/authenticate.js'
import { dryRun } from '../../send.js'
import type { Directory } from '../../store/agreements.js'
import type { Db } from '../../store/db.js'
import { readMessage } from '../../store/messages.js'
import { doWork } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { asText } from './interchanges.js'

export interface OutboundRoutesOptions {
  db: Db
  wake: Wake
  edi: Edi
  meter: Meter
  directory: () => Promise<Directory>
  connections: readonly Connection[]
  /** Milliseconds since 1970. */
  now: () => number
}

const Finding = object({
  path: Type.String({ description: 'Where in the Message.' }),
  code: Type.String(),
  severity: words(['error', 'warning', 'info'] as const),
  text: Type.String({ description: 'In plain words.' }),
  expected: Type.Optional(Type.String()),
})
const Checked = object({
  ok: Type.Boolean({ description: 'Whether it would be sent as it is.' }),
  text: Type.Optional(
    Type.String({ description: 'The bytes as ISO 8859-1; every control number is 1.' }),
  ),
  base64: Type.Optional(Type.String({ description: 'The same bytes.' })),
  issues: Type.Array(Finding),
})
const Taken = object({ id: Type.String(), state: Type.String() })

const invalid = (problems: readonly OutboundProblem[]) =>
  new Problem(422, 'invalid', 'this is no Message that can be sent', {
    members: { issues: problems },
  })

/** Where in the Message a finding on the Document is. */
const messagePath = ({ path }: Issue) =>
  path === undefined
    ? ''
    : `/document/${path.replaceAll('[', '/').replaceAll(']', '').replaceAll('.', '/')}`

const tellIssue = (issue: Issue) => ({
  path: messagePath(issue),
  code: issue.code,
  severity: issue.severity,
  text: issue.text,
  ...(issue.expected === undefined ? {} : { expected: issue.expected }),
})

export function outboundRoutes(options: OutboundRoutesOptions): Route[] {
  const { db, wake, edi, directory, connections, now } = options

  const check = async (message: unknown) => {
    const problems = checkOutbound(message)
    if (problems.length > 0) throw invalid(problems)
    const result = dryRun(edi, await directory(), message as Message, now())
    const issues = result.issues.map(tellIssue)
    const { missing, bytes } = result
    if (missing !== undefined) {
      const severity = 'error' as const
      issues.push({ path: '/partner', code: 'no-agreement', severity, text: missing })
    }
    return {
      ok: bytes !== undefined,
      ...(bytes === undefined
        ? {}
        : { text: asText(bytes), base64: Buffer.from(bytes).toString('base64') }),
      issues,
    }
  }

  /** The Odoo a caller speaks for; an API client without one asks for the state itself. */
  const fromOf = (caller: Caller, outboxId: string | undefined): Outbound['from'] => {
    if (caller.connection === undefined) return undefined
    const connection = connections.find((one) => one.id === caller.connection)
    if (connection === undefined) {
      const detail = `${caller.client} speaks for connection ${caller.connection}, which is not configured`
      throw new Problem(409, 'conflict', detail)
    }
    if (outboxId === undefined) {
      throw new Problem(400, 'bad_request', 'X-Outbox-Id is missing: the row the message is in')
    }
    return { connection, outboxId }
  }

  const take = async (message: unknown, key: string | undefined, from: Outbound['from']) => {
    const { id, revision } = message as Partial<Message>
    if (key !== `${id}.${revision}`) {
      const text = `must be <message id>.<revision>, ${String(id)}.${String(revision)}`
      throw invalid([{ path: 'Idempotency-Key', code: 'mismatch', text }])
    }
    const outbound: Outbound = from === undefined ? { message } : { message, from }
    const accepted = await doWork(db, wake, (work) => acceptOutbound(work, outbound))
    const [problem] = accepted.problems
    if (problem?.code === 'idempotency_conflict') {
      const stored = await readMessage(db, message as Message)
      throw new Problem(409, 'idempotency_conflict', problem.text, {
        members: { id, state: stored?.state, issues: accepted.problems },
      })
    }
    if (problem !== undefined) throw invalid(accepted.problems)
    if (accepted.state === 'repeat')
      options.meter.count('gateway_duplicates_total', { where: 'message' })
    const stored = await readMessage(db, message as Message)
    return { status: accepted.state === 'new' ? 202 : 200, body: { id, state: stored?.state } }
  }

  return [
    route({
      method: 'post',
      path: '/v1/messages',
      summary:
        'Hand in a canonical Message to be sent (Idempotency-Key: <id>.<revision>); dryRun only checks it',
      scope: 'messages:write',
      query: object({
        dryRun: Type.Boolean({
          default: false,
          description: 'Write it without storing it or taking a number, and tell what is found.',
        }),
      }),
      body: Message,
      ownCheck: true,
      answers: {
        200: {
          text: 'It was there already; or the outcome of a dry run.',
          schema: Type.Union([Taken, Checked]),
        },
        202: { text: 'It is stored and will be sent.', schema: Taken },
        409: { text: 'Another Message was stored under this key.' },
        422: { text: 'It is no Message that can be sent; `issues` says where and why.' },
      },
      handle: async ({ query, body, header, caller }) => {
        if (query.dryRun) return { status: 200, body: await check(body) }
        const problems = checkOutbound(body)
        if (problems.length > 0) throw invalid(problems)
        return take(body, header('idempotency-key'), fromOf(caller, header('x-outbox-id')))
      },
    }),
  ]
}
