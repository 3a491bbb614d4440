// Erasing a partner's payloads: its data key is destroyed, everywhere at once. Rows, states and digests stay.
import { addAudit } from './audit.js'
import type { Db, Queryable } from './db.js'

/** How much is, or was, a partner's to read. */
export interface Holdings {
  /** Payloads nobody else has a key of: received, sent or large messages. */
  readonly payloads: number
  /** Messages with their JSON in the row. */
  readonly messages: number
  /** Payloads received that hold interchanges of others, too; they are the gateway's and stay. */
  readonly shared: number
}

/** What the living key of a partner opens; undefined when it has none. */
export async function holdingsOf(db: Queryable, partner: string): Promise<Holdings | undefined> {
  const [row] = await db.query<Holdings>(
    `select (select count(*) from blob_key b where b.key_id = k.id and not exists (
         select from blob_key o join data_key other on other.id = o.key_id
         where o.sha256 = b.sha256 and o.key_id <> k.id and other.erased_at is null)) as payloads,
       (select count(*) from message m where m.payload_key = k.id) as messages,
       (select count(distinct b.sha256) from message m join interchange x on x.id = m.interchange_id
         join inbox on inbox.id = x.inbox_id join blob_key b on b.sha256 = inbox.sha256
         join data_key own on own.id = b.key_id and own.partner is null
         where m.partner = k.partner) as shared
     from data_key k where k.partner = $1 and k.erased_at is null`,
    [partner],
  )
  return row
}

/**
 * Destroys the key and empties the findings of the partner's messages, which quote elements. False when there was no
 * key. What is under way ends first; what comes after makes a new key.
 */
export async function erasePartner(db: Db, partner: string, actor: string): Promise<boolean> {
  const erased = await db.tx(async (tx) => {
    const keys = await tx.query<{ id: string }>(
      `update data_key set sealed = null, erased_at = now() where partner = $1 and erased_at is null returning id`,
      [partner],
    )
    if (keys.length === 0) return false
    await tx.query(
      `update interchange set issues = '[]' where issues <> '[]'
         and id in (select interchange_id from message where partner = $1)`,
      [partner],
    )
    await tx.query(`update message set issues = '[]' where partner = $1 and issues <> '[]'`, [
      partner,
    ])
    await addAudit(tx, { actor, action: 'partner.erase', subject: `partner ${partner}` })
    return true
  })
  // The row as it was, with the sealed key, stands in the table until then. (`full` would make intake wait.)
  if (erased) await db.query('vacuum data_key')
  return erased
}

/** The keys partners have and had, oldest first. */
export async function partnerKeys(
  db: Queryable,
): Promise<{ partner: string; createdAt: Date; erasedAt: Date | null }[]> {
  return db.query(
    `select partner, created_at as "createdAt", erased_at as "erasedAt" from data_key
     where partner is not null order by partner, created_at`,
  )
}
