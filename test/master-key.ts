// The master key under which tests keep payloads, also for processes they start (EDIGW_MASTER_KEY).
import { sealer } from '../gateway/security/sealing.js'
import { openDb, type Db } from '../gateway/store/db.js'

export const MASTER_KEY = Buffer.alloc(32, 7)
const testSealer = sealer(MASTER_KEY)

/** Opens a database with `max` connections and that key. */
export function openTestDb(url: string, max: number): Db {
  const db = openDb(url, { max })
  db.unlock(testSealer)
  return db
}
