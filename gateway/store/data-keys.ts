// Data keys: one for each partner and one of the gateway's own, sealed by the master key. Destroying a partner's key
// erases all that was encrypted with it; the next payload of that partner makes a new one.
import { randomBytes, randomUUID } from 'node:crypto'
import { RetryableError } from '../errors.js'
import { KEY_BYTES } from '../security/payload-cipher.js'
import type { Sealer } from '../security/sealing.js'
import type { Db, Tx } from './db.js'

/** A key as it is in use; `secret` is 32 bytes. */
export interface DataKey {
  readonly id: string
  readonly secret: Buffer
}

export interface DataKeys {
  /** The gateway's own key. It is never destroyed, so it needs no lock. Throws EnvironmentError with a wrong master key. */
  own(): Promise<DataKey>
  /** A partner's key, made when there is none. It cannot be destroyed before the transaction ends. */
  hold(tx: Tx, partner: string): Promise<DataKey>
  /** A key from its row. */
  open(id: string, sealed: Uint8Array): DataKey
}

interface Row {
  id: string
  sealed: Buffer
}

const place = (id: string) => `data_key ${id}`
const LIVING = `select id, sealed from data_key where coalesce(partner, '') = coalesce($1, '') and erased_at is null`
const INSERT =
  'insert into data_key (id, partner, sealed) values ($1, $2, $3) on conflict do nothing'
/** Rounds of looking and making, should others make and destroy it at the same time. */
const ROUNDS = 5

export function dataKeys(db: Pick<Db, 'query'>, sealer: Sealer): DataKeys {
  const open = (id: string, sealed: Uint8Array): DataKey => ({
    id,
    secret: sealer.open(sealed, place(id)),
  })

  const find = async (tx: Pick<Db, 'query'>, partner: string | null, lock: string) => {
    for (let round = 0; round < ROUNDS; round++) {
      const [row] = await tx.query<Row>(LIVING + lock, [partner])
      if (row !== undefined) return open(row.id, row.sealed)
      const id = randomUUID()
      await tx.query(INSERT, [id, partner, sealer.seal(randomBytes(KEY_BYTES), place(id))])
    }
    throw new RetryableError('the data key of a partner is being destroyed right now')
  }

  let own: Promise<DataKey> | undefined
  return {
    own: () =>
      (own ??= find(db, null, '').catch((error: unknown) => {
        own = undefined
        throw error
      })),
    hold: async (tx, partner) => {
      const held = tx.heldKeys.get(partner)
      if (held !== undefined) return held
      const key = await find(tx, partner, ' for share')
      tx.heldKeys.set(partner, key)
      return key
    },
    open,
  }
}
