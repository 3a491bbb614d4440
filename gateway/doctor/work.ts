// What waits for a person inside a database that works: agreements, messages, alerts.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertRemedy } from '../alert-remedy.js'
import type { AgreementCheck } from '../agreement.js'
import { checkAgreementText, problemLines } from '../agreement-files.js'
import { listAgreements } from '../store/agreements.js'
import { openAlerts } from '../store/alerts.js'
import type { Db } from '../store/db.js'
import { failingTransfers } from '../store/failing-transfers.js'
import { storeFigures } from '../store/figures.js'
import { failed, ok, warning, type Diagnosis } from './check.js'
import { isMissing } from './machine.js'

/** Work older than this is not just busy. */
const STUCK_SECONDS = 600

/** Whose turn it is, by the owner of an error. */
const WHOSE: Readonly<Record<string, string>> = {
  gateway: 'an agreement or a setting of this gateway has to be put right',
  odoo: 'Odoo did not take it',
  channel: 'the way to the partner has to be put right',
  partner: 'the partner has to put it right',
}

/** Files that would be left out at the next start. */
export async function checkAgreementFiles(
  folder: string,
  check: AgreementCheck,
): Promise<Diagnosis[]> {
  const name = 'agreement files'
  let files: string[]
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  const found: Diagnosis[] = []
  for (const file of files.map((one) => join(folder, one))) {
    const result = checkAgreementText(await readFile(file, 'utf8'), check)
    if ('agreement' in result) continue
    const [first, ...more] = problemLines(result.problems)
    const rest = more.length > 0 ? ` (and ${more.length} more)` : ''
    found.push(failed(name, `${file}: ${first}${rest}`, `edigw agreement check ${file} tells all`))
  }
  return found.length > 0 ? found : [ok(name, `${files.length} hold`)]
}

export async function checkWork(db: Db): Promise<Diagnosis[]> {
  const active = (await listAgreements(db)).filter(({ state }) => state === 'active')
  const { jobs, attention, overdue, waiting, rejected } = await storeFigures(db)
  const alerts = await openAlerts(db)
  const found: Diagnosis[] = [
    active.length === 0
      ? warning('agreements', 'none is active', 'add one with: edigw agreement add FILE')
      : ok('agreements', `${active.length} active`),
  ]
  const stuck = jobs.filter(({ oldestSeconds }) => oldestSeconds > STUCK_SECONDS)
  for (const { kind, count, oldestSeconds } of stuck) {
    found.push(
      warning(
        'work',
        `${count} jobs to ${kind} wait, the oldest for ${Math.round(oldestSeconds / 60)} minutes`,
        'does the gateway run, and does the target or partner answer?',
      ),
    )
  }
  for (const one of await failingTransfers(db)) {
    const { partner, channel, count, tries, since, error, next } = one
    found.push(
      warning(
        'transfers',
        `${count} to ${partner} by ${channel} not handed over: ${error} (${tries} tries since ${since.toISOString()}, next ${next.toISOString()})`,
        'put right the address or tell the partner; the same bytes go again by themselves',
      ),
    )
  }
  for (const { owner, state, direction, count } of attention) {
    const again = direction === 'in' ? 'deliver-again' : 'send-again'
    found.push(
      warning(
        'messages',
        `${count} ${direction === 'in' ? 'inbound' : 'outbound'} ${state}; ${WHOSE[owner] ?? owner}`,
        `GET /v1/messages?state=${state}&direction=${direction} says why; then POST /v1/messages/<id>/${again} {"reason": "why"}`,
      ),
    )
  }
  for (const { state, count } of waiting) {
    found.push(
      warning(
        'interchanges',
        `${count} ${state}`,
        `GET /v1/interchanges?state=${state} says why; then POST /v1/interchanges/<id>/replay {"reason": "why"}`,
      ),
    )
  }
  for (const { partner, count } of overdue) {
    found.push(
      warning('acknowledgements', `${count} overdue from ${partner}`, 'ask the partner for them'),
    )
  }
  for (const { what, count } of rejected) {
    found.push(
      warning(
        what,
        `${count} rejected within the last day; the acknowledgement tells the partner where the agreement asks for one (a duplicate may get none)`,
        `GET /v1/${what}?state=rejected says why`,
      ),
    )
  }
  for (const alert of alerts) {
    const { text, count, openedAt, subject } = alert
    const times = count > 1 ? `, ${count} times` : ''
    const about = subject === null || text.includes(subject) ? '' : `${subject}: `
    found.push(
      warning(
        'alert',
        `${about}${text} (since ${openedAt.toISOString()}${times})`,
        alertRemedy(alert),
      ),
    )
  }
  if (found.length === 1) found.push(ok('work', 'nothing waits for a person'))
  return found
}
