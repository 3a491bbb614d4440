// What may be said of functions that are taken as text: they use nothing but their parameters.
import { describe, expect, test } from '@jest/globals'
import { Linter } from 'eslint'
import { text } from '../../edi-maps/elements.js'
import { readGroup } from '../../edi-maps/fields/group.js'
import { readAny, readPlain } from '../../edi-maps/fields/single.js'
import { loadMap } from '../../edi-maps/load.js'
import { kept, on, type TransactionMap } from '../../edi-maps/map.js'
import { ownCode } from '../../edi-maps/own-code.js'
import { open, segmentsIn } from '../../edi-maps/payload.js'
import { readTransaction } from '../../edi-maps/read.js'
import { x12Dictionary } from '../../edi-maps/x12/element-check.js'

const globals = { Array: 'readonly', undefined: 'readonly' } as const

describe.each(Object.entries({ readGroup, readAny, readPlain }))('%s', (_, make) => {
  test('uses no other name', () => {
    const found = new Linter().verify(`(${make.toString()})`, {
      languageOptions: { sourceType: 'script', globals },
      rules: { 'no-undef': 'error' },
    })
    expect(found.map(({ message }) => message)).toEqual([])
  })
})

test('code of its own does the same', () => {
  const adding = (base: number) => (value: number) => base + value
  expect([1, 2].map((base) => ownCode(adding, base)(10))).toEqual([11, 12])
})

// Names and texts of a table may come from an agreement.
test.each(['"', "'", '`${x}`', '\\', '*/', '\u2028', '\n'])(
  '%j in a table is a text, not code',
  (odd) => {
    const notice = on<{ documentNumber?: string }>()
    const name = `${odd}; throw new Error("code") //`
    const map: TransactionMap = {
      standard: 'x12',
      id: '856',
      version: '004010',
      kind: 'shipmentNotice',
      create: () => ({}),
      body: [
        {
          ...kept('REF', 2),
          name,
          bindings: [
            notice.self({ when: { 1: name }, name }, notice.at(2, 'documentNumber', text)),
            notice.self({}, notice.at(1, 'documentNumber', text)),
          ],
        } as TransactionMap['body'][number],
      ],
    }
    const isa = `ISA*00*${' '.repeat(10)}*00*${' '.repeat(10)}*ZZ*A${' '.repeat(14)}*ZZ*B${' '.repeat(14)}`
    const bytes = `${isa}*251230*1416*U*00401*000000001*0*P*>~GS*SH*A*B*20251230*1416*1*X*004010~`
    const { interchanges } = open(
      segmentsIn(Buffer.from(`${bytes}ST*856*0001~REF*BM*7~SE*3*0001~`)),
    )
    const [group] = interchanges[0]!.groups
    const loaded = loadMap(map, x12Dictionary('004010'))
    const envelope = { interchange: interchanges[0]!, group: group! }
    const { partial } = readTransaction(group!.transactions[0]!, envelope, loaded)
    expect(partial?.documentNumber).toBe('BM')
  },
)
