// The audit trail as an operator proves it, whole and after somebody with all rights in the database changed it.
import { beforeAll, expect, test } from '@jest/globals'
import { addAudit, sealAudit, verifyAudit, type KnownEntry } from '../../../gateway/store/audit.js'
import { testDatabase } from '../../postgres.js'
import { edigw } from '../process.js'

const { url, db } = await testDatabase()
const other = await testDatabase()
const audit = (...args: string[]) => edigw(['audit', ...args], { DATABASE_URL: url })

const FOUR = ['a', 'b', 'c', 'd'].map((n) => `message ${n}.1`)
beforeAll(async () => {
  for (const subject of FOUR)
    await addAudit(db, { actor: 'api clerk', action: 'message.cancel', subject })
  await sealAudit(db)
})

class Undo extends Error {}

/** What is found after a change, which is then taken back. */
async function after(change: string, known?: KnownEntry) {
  let verdict: unknown
  const changed = db.tx(async (tx) => {
    await tx.query('alter table audit disable trigger user')
    await tx.query(change)
    verdict = await verifyAudit(tx, known)
    throw new Undo()
  })
  await expect(changed).rejects.toThrow(Undo)
  return verdict
}

test('an untouched trail holds, and tells the entry that proves it later', async () => {
  const { status, stdout } = await audit('verify')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^the audit holds: 4 entries in the chain, the last of \d{4}-/)
  const [, known = ''] = /--known: (4:[0-9a-f]{64})/.exec(stdout) ?? []
  await addAudit(db, { actor: 'api clerk', action: 'message.cancel', subject: 'message e.1' })
  const open = await audit('verify', '--known', known)
  expect([open.status, open.stdout]).toEqual([
    0,
    expect.stringContaining('not yet in the chain: 1'),
  ])
  await sealAudit(db)
  const sealed = await audit('verify', '--known', known)
  expect([sealed.status, sealed.stdout]).toEqual([0, expect.stringContaining('5 entries')])
})

test('the database refuses to change or remove a sealed entry', async () => {
  const refused = /audit rows are append-only/
  await expect(db.query(`update audit set actor = 'x' where seq = 2`)).rejects.toThrow(refused)
  await expect(db.query('delete from audit where seq = 2')).rejects.toThrow(refused)
})

test('a changed entry is named with its time and what it says', async () => {
  expect(await after(`update audit set actor = 'api other' where seq = 3`)).toEqual({
    brokenAt: 3,
    at: expect.any(Date),
    text: '(api other: message.cancel, message c.1) does not fit its hash: it was changed',
  })
})

test('a removed entry is named, in the middle and at the end', async () => {
  expect(await after('delete from audit where seq = 2')).toMatchObject({
    brokenAt: 2,
    text: expect.stringMatching(/^is missing; the next one is 3 of /),
  })
  expect(await after('delete from audit where seq > 3')).toEqual({
    brokenAt: 4,
    text: 'is missing; 5 were sealed',
  })
})

test('a chain made anew from its beginning is told by the entry that was noted', async () => {
  const [third] = await db.query<{ hash: Buffer }>('select hash from audit where seq = 3')
  const known = { seq: 3, hash: third!.hash.toString('hex') }
  expect(await verifyAudit(db, known)).toMatchObject({ length: 5 })
  for (const subject of [...FOUR].reverse())
    await addAudit(other.db, { actor: 'api other', action: 'message.cancel', subject })
  await sealAudit(other.db)
  expect(await verifyAudit(other.db)).toMatchObject({ length: 4 })
  expect(await verifyAudit(other.db, known)).toMatchObject({
    brokenAt: 3,
    text: 'is not the one that was noted: the chain was made anew',
  })
  expect(await verifyAudit(other.db, { ...known, seq: 9 })).toEqual({
    brokenAt: 9,
    text: 'was noted, but only 4 are there',
  })
})

test('a broken trail is exit code 1, a wrong argument 2', async () => {
  await db.query('alter table audit disable trigger user')
  await db.query(`update audit set subject = 'message z.1' where seq = 1`)
  const broken = await audit('verify')
  expect([broken.status, broken.stdout]).toEqual([
    1,
    expect.stringMatching(
      /^the audit is broken: entry 1 of \S+ \(api clerk: message.cancel, message z.1\) does not fit its hash/,
    ),
  ])
  expect((await audit('verify', '--known', '3')).status).toBe(2)
  expect((await audit()).status).toBe(2)
})
