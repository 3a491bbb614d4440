// What `validate` says the acknowledgement tells is what `ack` writes, code by code and place by place, for every golden
// case and every file of EDI_CORPUS.
import { expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Issue } from '../../edi-maps/issue.js'
import { segmentsIn } from '../../edi-maps/payload.js'
import type { Segment } from '../../edi-maps/segment.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { ack } from '../../gateway/commands/ack.js'
import { validate } from '../../gateway/commands/validate.js'
import { runCommand } from './run-command.js'

const folders = ['test/golden/x12', 'test/golden/edifact', 'test/golden/partners']
const corpus = process.env['EDI_CORPUS']
const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

const golden = folders.flatMap(files).filter((path) => path.endsWith('/in.edi'))
const cases = [...golden, ...(corpus === undefined ? [] : files(corpus))].flatMap((path) => {
  const types = syntaxOf(segmentsIn(readFileSync(path))[0]?.standard ?? 'x12').acknowledgements
  return types.map((type) => [path, type] as const)
})

/** Codes that say nothing of their own: segments or elements below are in error; no error; unspecified. */
const EMPTY: Readonly<Record<string, readonly string[]>> = {
  segment: ['8', ''],
  transaction: ['5', '18'],
  interchange: ['000', '18'],
  group: ['18'],
}

/** One code and what it is said of: `element SN1 8 2 6`, of an acknowledgement as of a finding. */
type Said = string

const AT = (...parts: (string | number | undefined)[]): Said =>
  parts.map((part) => part ?? '').join(' ')

/** What an acknowledgement says, transaction by transaction: control number, then codes with their places. */
function said(segments: readonly Segment[]): Said[] {
  const all: Said[] = []
  let tag = ''
  let position = ''
  for (const segment of segments) {
    const [e1, e2, e3, e4, e5] = [1, 2, 3, 4, 5].map((n) => segment.get(n)) as string[]
    switch (segment.tag) {
      case 'TA1':
        all.push(AT('interchange', e5))
        break
      case 'AK3':
      case 'IK3':
        tag = e1!
        position = e2!
        all.push(AT('segment', tag, position, e4))
        break
      case 'AK4':
      case 'IK4':
        all.push(AT('element', tag, position, segment.component(1, 1), segment.component(1, 2), e3))
        break
      case 'AK5':
      case 'IK5':
        for (let n = 2; n <= segment.elementCount; n++) all.push(AT('transaction', segment.get(n)))
        break
      case 'AK9':
        for (let n = 5; n <= segment.elementCount; n++) all.push(AT('group', segment.get(n)))
        break
      case 'UCI':
        if (e5 !== '') all.push(AT('interchange', e5))
        break
      case 'UCF':
        if (e5 !== '') all.push(AT('group', e5))
        break
      case 'UCM':
        if (e4 !== '') all.push(AT('transaction', e4))
        break
      case 'UCS':
        position = e1!
        all.push(AT('segment', position, e2))
        break
      case 'UCD':
        all.push(AT('element', position, segment.component(2, 1), segment.component(2, 2), e1))
        break
      default:
    }
  }
  return all
}

/** What a finding says the acknowledgement of that type tells. */
function named(
  { ack: told, code, tag, segmentIndex = 1, element, component }: Issue,
  type: string,
) {
  const { level, code: by } = told!
  if (level !== 'segment' && level !== 'element') return AT(level, by)
  const isX12 = type !== 'contrl'
  const isMissing = !isX12 && code === 'segment-missing'
  const place = isX12 ? [tag, segmentIndex] : [segmentIndex - (isMissing ? 1 : 0)]
  if (level === 'segment') return AT(level, ...place, by)
  const at = isX12 ? (element ?? 1) : (element ?? 0) + 1
  return AT(level, ...place, at, component, by)
}

async function compare(path: string, type: string) {
  const folder = path.replace(/\/in\.edi$/, '')
  const settings = existsSync(join(folder, 'case.json'))
    ? (JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as { agreement?: string })
    : {}
  const agreed = settings.agreement === undefined ? [] : ['--agreement', settings.agreement]
  const args = [path, '--type', type, ...agreed]
  const { stdout } = await runCommand(validate, [...args, '--json'], '')
  const issues = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Issue)
  const answer = await runCommand(ack, [...args, '--now', '2026-01-02T03:04:05Z'], '')
  const written = new Set(said(segmentsIn(answer.stdout)))
  const told = new Set(issues.filter((one) => one.ack !== undefined).map((one) => named(one, type)))
  return {
    'named, not written': [...told].filter((one) => !written.has(one)),
    'written, not named': [...written].filter((one) => {
      const level = one.slice(0, one.indexOf(' '))
      return !told.has(one) && !EMPTY[level]?.includes(one.slice(one.lastIndexOf(' ') + 1))
    }),
  }
}

test.each(cases)('%s: the codes validate names are those of its %s', async (path, type) => {
  expect(await compare(path, type)).toEqual({ 'named, not written': [], 'written, not named': [] })
})
