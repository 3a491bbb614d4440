// Who did what. Rows are inserted unchained, so writers never wait for each other; one sealer puts them into a chain
// of hashes, and the database refuses to change a sealed row.
import { createHash } from 'node:crypto'
import type { Db, Queryable, Tx } from './db.js'

export interface AuditEntry {
  /** Person or machine client. */
  readonly actor: string
  /** `<thing>.<verb>`, e.g. `agreement.active`. */
  readonly action: string
  readonly subject: string
  /** Never a secret and never payload. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export async function addAudit(tx: Queryable, entry: AuditEntry): Promise<void> {
  await tx.query(
    `insert into audit (id, actor, action, subject, detail) values (gen_random_uuid(), $1, $2, $3, $4)`,
    [entry.actor, entry.action, entry.subject, JSON.stringify(entry.detail ?? {})],
  )
}

/** Notes for those who cannot wait for them, e.g. a login; `close` waits for those under way. */
export interface AuditTrail {
  note(entry: AuditEntry): void
  close(): Promise<void>
}

export function auditTrail(db: Queryable, onFailed: (error: unknown) => void): AuditTrail {
  const running = new Set<Promise<void>>()
  return {
    note: (entry) => {
      const written = addAudit(db, entry)
        .catch(onFailed)
        .finally(() => running.delete(written))
      running.add(written)
    },
    close: async () => void (await Promise.all(running)),
  }
}

interface Row {
  id: string
  at: Date
  actor: string
  action: string
  subject: string
  detail: string
}

/** hash = SHA-256(hash before, JSON of the row); `seq` is part of it, so rows cannot be swapped. */
export function chainHash(before: Uint8Array, seq: number, row: Row): Buffer {
  const text = JSON.stringify([
    seq,
    row.id,
    row.at.toISOString(),
    row.actor,
    row.action,
    row.subject,
    row.detail,
  ])
  return createHash('sha256').update(before).update(text).digest()
}

/** Seals what was committed since, oldest first; gives how many. The row lock on the head admits one sealer. */
export async function sealAudit(db: Db, limit = 500): Promise<number> {
  return db.tx(async (tx) => {
    const [head] = await tx.query<{ seq: number; hash: Buffer }>(
      'select seq, hash from audit_head for update',
    )
    const open = await tx.query<Row>(
      `select id, at, actor, action, subject, detail from audit where seq is null order by at, id limit $1`,
      [limit],
    )
    let { seq, hash } = head!
    for (const row of open) {
      seq++
      hash = chainHash(hash, seq, row)
      await tx.query('update audit set seq = $2, hash = $3 where id = $1', [row.id, seq, hash])
    }
    if (open.length > 0) await tx.query('update audit_head set seq = $1, hash = $2', [seq, hash])
    return open.length
  })
}

/** Recomputes the chain: gives its length, or the first sequence number that does not fit. */
export async function verifyAudit(db: Db): Promise<{ length: number } | { brokenAt: number }> {
  return db.tx(async (tx: Tx) => {
    let hash: Buffer = Buffer.alloc(32)
    let seq = 0
    for (;;) {
      const rows = await tx.query<Row & { seq: number; hash: Buffer }>(
        `select seq, hash, id, at, actor, action, subject, detail from audit
         where seq > $1 order by seq limit 1000`,
        [seq],
      )
      for (const row of rows) {
        seq++
        hash = chainHash(hash, seq, row)
        if (row.seq !== seq || !row.hash.equals(hash)) return { brokenAt: seq }
      }
      if (rows.length === 0) break
    }
    const [head] = await tx.query<{ seq: number; hash: Buffer }>(
      'select seq, hash from audit_head for share',
    )
    return head!.seq === seq && head!.hash.equals(hash) ? { length: seq } : { brokenAt: seq + 1 }
  })
}
