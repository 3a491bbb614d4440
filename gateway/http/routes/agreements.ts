// Trading-partner agreements: versions go draft → test → active → retired; what does not hold is told by its place.
import { Type } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'
import { GatewayAgreement, type AgreementCheck } from '../../agreement.js'
import { PermanentError } from '../../errors.js'
import {
  listAgreements,
  moveAgreement,
  readAgreement,
  saveAgreement,
  type StoredVersion,
} from '../../store/agreements.js'
import type { Db } from '../../store/db.js'
import { doWork, type Work } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'

export interface AgreementRoutesOptions {
  db: Db
  wake: Wake
  check: AgreementCheck
  /** Lets go on what waited for the agreement that was activated. */
  release: (work: Work) => Promise<void>
}

const STATES = ['draft', 'test', 'active', 'retired'] as const
const State = words(STATES)
const Version = object({
  id: Type.String(),
  version: Type.Integer(),
  state: State,
  hash: Type.String({ description: 'SHA-256 over its content.' }),
  note: Type.Optional(Type.String()),
  createdAt: Type.String(),
  activatedAt: Type.Optional(Type.String()),
  agreement: Type.Record(Type.String(), Type.Unknown()),
})

const told = ({ agreement, ...version }: StoredVersion) => ({ ...version, agreement })
const unknown = (id: string) => new Problem(404, 'not_found', `there is no agreement ${id}`)

/** Checks a body; a Problem 422 lists everything that does not hold. */
const checkedAgreement = (check: AgreementCheck, body: unknown) => {
  const result = check(body)
  if ('agreement' in result) return result.agreement
  throw new Problem(422, 'invalid', 'the agreement does not hold', {
    members: { issues: result.problems },
  })
}

export function agreementRoutes({ db, wake, check, release }: AgreementRoutesOptions): Route[] {
  const move = async (
    work: Work,
    [id, version, to]: readonly [string, number, StoredVersion['state']],
    actor: string,
  ) => {
    const moved = await moveAgreement(work, id, version, to, actor)
    if (to === 'active') await release(work)
    return moved
  }
  return [
    route({
      method: 'get',
      path: '/v1/agreements',
      summary: 'All versions of all agreements, newest first',
      scope: 'agreements:read',
      answers: { 200: { text: 'Versions.', schema: object({ items: Type.Array(Version) }) } },
      handle: async () => ({
        status: 200,
        body: { items: (await listAgreements(db)).map(told) },
      }),
    }),
    route({
      method: 'get',
      path: '/v1/agreements/{id}',
      summary: 'One version: the active one, else the newest, or the one asked for',
      scope: 'agreements:read',
      params: object({ id: Type.String() }),
      query: object({ version: Type.Optional(Type.Integer({ minimum: 1 })) }),
      answers: {
        200: { text: 'The version.', schema: Version },
        404: { text: 'No such version.' },
      },
      handle: async ({ path, query }) => {
        const found = await readAgreement(db, path.id, query.version)
        if (found === undefined) throw unknown(path.id)
        return { status: 200, body: told(found) }
      },
    }),
    route({
      method: 'put',
      path: '/v1/agreements/{id}',
      summary:
        'Save a new version (nothing happens when the content is that of the newest) and move it to a state',
      scope: 'agreements:write',
      params: object({ id: Type.String() }),
      query: object({
        state: Type.Optional(words(['draft', 'test', 'active'] as const)),
        note: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      body: GatewayAgreement,
      ownCheck: true,
      answers: {
        200: { text: 'The version as it is now.', schema: Version },
        409: { text: 'It cannot go to that state.' },
        422: { text: 'The agreement does not hold; `issues` says where.' },
      },
      handle: async ({ path, query, body, caller }) => {
        const agreement = checkedAgreement(check, body)
        if (agreement.id !== path.id) {
          throw new Problem(
            422,
            'invalid',
            `the agreement is ${agreement.id}, the path ${path.id}`,
            {
              members: { issues: [{ path: '/id', text: `must be ${path.id}` }] },
            },
          )
        }
        const by = { actor: caller.client, ...(query.note ? { note: query.note } : {}) }
        const saved = await moving(() =>
          doWork(db, wake, async (work) => {
            const version = await saveAgreement(work, agreement, by)
            if (query.state === undefined || query.state === version.state) return version
            return move(work, [path.id, version.version, query.state], caller.client)
          }),
        )
        return { status: 200, body: told(saved) }
      },
    }),
    route({
      method: 'post',
      path: '/v1/agreements/{id}/versions/{version}/state',
      summary:
        'Move a version: activating retires the one active before, activating a retired one is the rollback',
      scope: 'agreements:write',
      params: object({ id: Type.String(), version: Type.String({ pattern: '^[1-9]\\d{0,8}$' }) }),
      body: object({ state: State }),
      answers: {
        200: { text: 'The version as it is now.', schema: Version },
        404: { text: 'No such version.' },
        409: { text: 'It cannot go to that state.' },
      },
      handle: async ({ path, body, caller }) => {
        const version = Number(path.version)
        if ((await readAgreement(db, path.id, version)) === undefined) throw unknown(path.id)
        const moved = await moving(() =>
          doWork(db, wake, (work) => move(work, [path.id, version, body.state], caller.client)),
        )
        return { status: 200, body: told(moved) }
      },
    }),
  ]
}

const moving = async <T>(work: () => Promise<T>) => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PermanentError) throw new Problem(409, 'conflict', error.message)
    throw error
  }
}
