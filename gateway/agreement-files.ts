// Agreements from a folder of JSON files. A file with new content becomes the active version; one whose content is known
// changes nothing, so that a rollback made by hand survives a restart.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgreementCheck, AgreementProblem } from './agreement.js'
import { jsonErrorPlace } from './json-place.js'
import type { Log } from './log.js'
import { importAgreement } from './store/agreements.js'
import type { Db } from './store/db.js'
import { doWork } from './store/work.js'
import type { Wake } from './wake.js'

/** Parses and checks one file's text. */
export function checkAgreementText(
  text: string,
  check: AgreementCheck,
): ReturnType<AgreementCheck> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    const why = (error as Error).message
    return { problems: [{ path: '', text: `is no JSON, ${jsonErrorPlace(text)}: ${why}` }] }
  }
  return check(body)
}

/** One line for each problem: where and what. */
export const problemLines = (problems: readonly AgreementProblem[]) =>
  problems.map(({ path, text }) => (path === '' ? text : `${path} ${text}`))

/** Loads `*.json` of the folder, if it is there. A file that does not hold is logged and left out; the others count. */
export async function loadAgreementFolder(
  folder: string,
  tools: { db: Db; wake: Wake; check: AgreementCheck; log: Log },
): Promise<void> {
  const { db, wake, check, log } = tools
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  for (const name of names) {
    const file = join(folder, name)
    const result = checkAgreementText(await readFile(file, 'utf8'), check)
    if ('problems' in result) {
      log.error({ file, problems: problemLines(result.problems) }, 'agreement left out')
      continue
    }
    const by = { actor: 'file', note: name }
    const { version, changed } = await doWork(db, wake, (work) =>
      importAgreement(work, result.agreement, by),
    )
    if (changed) {
      log.info({ file, agreement: version.id, version: version.version }, 'agreement is active')
    }
  }
}
