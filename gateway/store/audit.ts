// Who did what. Rows are inserted unchained, so writers never wait for each other; one sealer puts them into a chain
// of hashes, and the database refuses to change a sealed row.
import { createHash } from 'node:crypto'
import type { Db, Queryable } from './db.js'

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
function chainHash(before: Uint8Array, seq: number, row: Row): Buffer {
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

/** An entry of the chain by its number and hash, as an operator noted them. */
export interface KnownEntry {
  readonly seq: number
  /** Hex. */
  readonly hash: string
}

export type AuditVerdict =
  | {
      readonly length: number
      /** Of the last entry, hex. */
      readonly hash: string
      readonly until?: Date
      /** Entries that are not in the chain yet. */
      readonly unsealed: number
    }
  /** The first entry that does not fit, with what is wrong as one sentence. */
  | { readonly brokenAt: number; readonly at?: Date; readonly text: string }

/**
 * Recomputes the chain up to what was sealed when it began; what is sealed meanwhile counts next time. Who may write
 * everything in the database can make the whole chain anew: only an entry noted elsewhere (`known`) tells that.
 */
export async function verifyAudit(db: Queryable, known?: KnownEntry): Promise<AuditVerdict> {
  const [head] = await db.query<{ seq: number; hash: Buffer }>('select seq, hash from audit_head')
  const { seq: length, hash: headHash } = head!
  let hash: Buffer = Buffer.alloc(headHash.length)
  let seq = 0
  let until: Date | undefined
  for (;;) {
    const rows = await db.query<Row & { seq: number; hash: Buffer }>(
      `select seq, hash, id, at, actor, action, subject, detail from audit
       where seq > $1 and seq <= $2 order by seq limit 1000`,
      [seq, length],
    )
    for (const row of rows) {
      const { at } = row
      seq++
      if (row.seq !== seq)
        return { brokenAt: seq, text: `is missing; the next one is ${row.seq} of ${iso(at)}` }
      hash = chainHash(hash, seq, row)
      if (!row.hash.equals(hash))
        return { brokenAt: seq, at, text: `${about(row)} does not fit its hash: it was changed` }
      if (seq === known?.seq && hash.toString('hex') !== known.hash)
        return { brokenAt: seq, at, text: 'is not the one that was noted: the chain was made anew' }
      until = at
    }
    if (rows.length === 0) break
  }
  if (seq < length) return { brokenAt: seq + 1, text: `is missing; ${length} were sealed` }
  if (!headHash.equals(hash))
    return { brokenAt: seq, text: 'is not the one that was sealed last: the chain was made anew' }
  if (known !== undefined && known.seq > length)
    return { brokenAt: known.seq, text: `was noted, but only ${length} are there` }
  const [open] = await db.query<{ unsealed: number }>(
    'select count(*)::integer as unsealed from audit where seq is null or seq > $1',
    [length],
  )
  return {
    length,
    hash: hash.toString('hex'),
    unsealed: open!.unsealed,
    ...(until === undefined ? {} : { until }),
  }
}

const iso = (at: Date) => at.toISOString()
const about = ({ actor, action, subject }: Row) => `(${actor}: ${action}, ${subject})`
