// The first credential: a database without clients gets one that may do everything, its key in a file of the data folder.
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../store/db.js'
import { listClients } from '../store/machine-clients.js'
import { doWork } from '../store/work.js'
import type { Wake } from '../wake.js'
import { createClient, createKey } from './clients.js'
import { ALL_SCOPES } from './scopes.js'
import type { Sealer } from './sealing.js'

const FIRST_CLIENT = 'admin'
export const keyFileOf = (dataFolder: string) => join(dataFolder, 'admin.key')

/** Makes the client `admin` where there is none at all. Gives whether it did. */
export async function makeFirstClient(
  db: Db,
  wake: Wake,
  sealer: Sealer,
  dataFolder: string,
): Promise<boolean> {
  if ((await listClients(db)).length > 0) return false
  return doWork(db, wake, async (work) => {
    const client = {
      id: FIRST_CLIENT,
      name: 'First client, made at the first start',
      scopes: [...ALL_SCOPES],
      carries: [{ sender: { id: '*' }, receiver: { id: '*' } }],
    }
    if (!(await createClient(work, client, 'gateway'))) return false // another process was quicker
    const { key } = await createKey(work, sealer, client.id, { kind: 'api_key' }, 'gateway')
    // Before the commit: a key nobody has is worse than a file that the next start writes again.
    const file = keyFileOf(dataFolder)
    await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600, flush: true })
    await rename(`${file}.new`, file)
    return true
  })
}
