// The partner guides of docs/examples/guides, which are overrides alone, on the golden cases of their partners: what
// is written for the partner, what is read back, and what each direction finds wrong.
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AgreedDocument, Agreement } from '../../edi-maps/agreement.js'
import type { Document } from '../../edi-maps/canonical/document.js'
import { agreedOn, findMap, overrideProblems, ready } from '../../edi-maps/maps.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { plain, readInput, rewritten, written } from './reading.js'

const GUIDES = 'docs/examples/guides'
const CASES = 'test/golden/partners'

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))
const guides = readdirSync(GUIDES).map((file) => file.replace(/\.json$/, ''))
const cases = guides.flatMap((guide) =>
  readdirSync(join(CASES, guide)).map((name) => [guide, name] as const),
)
const agreementOf = (guide: string) => json(join(GUIDES, `${guide}.json`)) as Agreement

/** The document of the guide a Document is written as. */
const agreedOf = (guide: string, { kind }: Document): AgreedDocument => {
  const { standard, documents } = agreementOf(guide)
  return documents.find(
    ({ direction, message, version, map }) =>
      direction === 'out' && findMap(standard, message, map ?? version)?.kind === kind,
  )!
}

test.each(guides)('the guide %s fits its maps', (guide) => {
  const { standard, documents } = agreementOf(guide)
  for (const { message, version, map = version, override } of documents) {
    expect(overrideProblems(findMap(standard, message, map)!, override)).toEqual([])
  }
})

describe.each(cases)('%s, %s', (guide, name) => {
  const file = (path: string) => join(CASES, guide, name, path)
  const has = (path: string) => existsSync(file(path))
  const { standard } = agreementOf(guide)

  /** What the case's Document is written to. */
  function write() {
    const document = json(file('document.json')) as Document
    const agreed = agreedOf(guide, document)
    const { segments, issues } = writeTransaction(
      document,
      ready(
        findMap(standard, agreed.message, agreed.map ?? agreed.version)!,
        agreedOn(agreementOf(guide), agreed),
      ),
      agreed.layout,
    )
    return { segments, issues }
  }
  const agreedReading = (type: string) => {
    const agreement = agreementOf(guide)
    const agreed = agreement.documents.find(({ message }) => message === type)
    return agreed && agreedOn(agreement, agreed)
  }

  if (has('refused.json')) {
    test('is not written, and it is said why', () => {
      expect(plain(write().issues)).toEqual(json(file('refused.json')))
    })
    return
  }

  const input = () => readInput(readFileSync(file('in.edi')), agreedReading)

  test('is read as its files say', () => {
    const { documents, issues } = input()
    expect(plain(issues)).toEqual(has('issues.json') ? json(file('issues.json')) : [])
    expect(plain(documents)).toEqual(has('canonical.json') ? json(file('canonical.json')) : [])
  })

  test('is written as it was read', () => {
    for (const reading of input().readings) {
      if (reading.document === undefined) continue
      const again = rewritten(reading, agreedReading(reading.transaction.type))
      expect(again.written).toEqual(again.sent)
    }
  })

  if (has('document.json')) {
    test('is what the Document is written as, without a finding', () => {
      const { segments, issues } = write()
      expect(issues).toEqual([])
      const reading = input().readings[0]!
      expect(segments.map(written)).toEqual(
        rewritten(reading, agreedReading(reading.transaction.type)).sent,
      )
    })
  }
})
