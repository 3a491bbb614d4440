// DESADV of a warehouse ⇄ warehouseShippingAdvice: what it has shipped of a depositor's order (INSDES), which it names in
// RFF AAJ; RFF ON is the order of the depositor's customer. Lines of the order are named in RFF LI, as LIN 1082 counts.
import type { WarehouseShippingAdvice } from '../../canonical/document.js'
import type { WarehouseAdviceLine } from '../../canonical/warehouse-shipping-advice.js'
import { equal } from '../../decimal.js'
import { codeElement, text, type GroupCodec } from '../../elements.js'
import { bind, on, type Node, type Through, type TransactionMap } from '../../map.js'
import { packingSequence, type LineHooks, type PackLevel } from '../../packing-sequence.js'
import { extrasOf, makeExtras } from '../../path.js'
import { DISCREPANCY } from '../codes.js'
import { number } from '../elements.js'
import { groupOf, structureOf } from '../structure.js'
import {
  DESPATCH_LEAVES_OUT,
  despatchHeader,
  despatchLine,
  levelSlot,
  shippedQuantity,
  totalWeight,
  TOTAL_WEIGHTS,
} from './despatch.js'
import { createDocument } from './header.js'
import {
  articleOfLine,
  description,
  moreArticles,
  orderedArticles,
  settleLines,
  type Release,
} from './line-items.js'
import { lineWeights, quantityOf } from './line-measures.js'
import { measure, VOLUME_KINDS } from './packs.js'
import { references } from './references.js'
import { lineCount } from './summary.js'

type Advice = WarehouseShippingAdvice
type Line = WarehouseAdviceLine

/** A line while it is read or written: with its LIN 1082. */
type CountedLine = Line & { count?: string }

/** LIN 1082 counts the lines of the message; one that does not, or is empty, is kept. */
const advice = on<Advice>()
const line = on<CountedLine>()

const COUNT = 'count'
const counts: LineHooks<CountedLine> = {
  taken(document) {
    const { lines } = document['body'] as { lines: CountedLine[] }
    for (const [n, line] of lines.entries()) {
      const { count = '' } = line
      delete line.count
      if (count !== String(n + 1)) makeExtras(line as unknown as Node, 'edifact')[COUNT] = count
    }
  },
  given(document) {
    const { lines } = document['body'] as { lines: Line[] }
    return lines.map((line, n) => {
      const kept = extrasOf(line as unknown as Node, 'edifact')?.[COUNT]
      if (kept === '') return line
      return { ...line, count: typeof kept === 'string' ? kept : String(n + 1) }
    })
  },
}

/** A line shipped as ordered has no QVR: its quantities say so. */
const COMPLETE = 'complete'
const isComplete = ({ quantityOrdered, quantityShipped }: Line) =>
  quantityOrdered !== undefined &&
  quantityShipped !== undefined &&
  quantityOrdered.uom === quantityShipped.uom &&
  equal(quantityOrdered.value, quantityShipped.value)

const status: Through<Line, string> = {
  get: (one) => (one.status === COMPLETE ? undefined : one.status),
  set(one, value) {
    one.status = value
  },
}
/** 6064 and the quantity it is of ⇄ the difference, in the unit of the line. */
const ORDERED = '21'
const stated: Through<Line, string> = {
  get: (one) => one.difference?.value,
  set(one, value) {
    const uom = (one.quantityShipped ?? one.quantityOrdered)?.uom
    one.difference = { value, uom: uom ?? 'C62' }
  },
}
const variance: GroupCodec<string> = {
  width: 2,
  unreadable: 'number-invalid',
  decode: ([value = ''], report) => (value === '' ? undefined : number.decode(value, report)),
  encode: (value) => [value, ORDERED],
}

const LEAVES_OUT = [
  ...DESPATCH_LEAVES_OUT,
  'body.masterReference',
  'body.linkSequence',
  'body.reporting',
  'body.totals.pallets',
  'body.lines[].notes',
]

/** The map of one directory. */
export function warehouseDespatchAdvice(release: Release): TransactionMap {
  const structure = structureOf('DESADV', release)
  const lineStructure = groupOf(structure, 'CPS', 'LIN')
  const level = on<PackLevel<CountedLine>>()
  const reference = groupOf(structure, 'RFF')
  return {
    standard: 'edifact',
    id: 'DESADV',
    version: release,
    kind: 'warehouseShippingAdvice',
    sender: 'warehouse',
    create: (envelope) => createDocument(envelope, { packages: [], lines: [] }),
    leavesOut: LEAVES_OUT,
    body: bind<Advice>(structure, {
      ...despatchHeader(structure),
      MEA: [
        advice.self(
          { when: { 1: 'PD', '2-1': TOTAL_WEIGHTS }, name: 'weight' },
          advice.group(['2-1', '3-1', '3-2'], 'body.totals.weight', totalWeight),
        ),
        advice.self(
          { when: { 1: 'PD', '2-1': VOLUME_KINDS }, name: 'volume' },
          advice.group(['3-1', '3-2'], 'body.totals.volume', measure),
        ),
      ],
      RFF: [
        advice.self(
          { when: { '1-1': 'AAJ' }, body: reference },
          advice.at('1-2', 'body.orderNumber', text),
        ),
        advice.self(
          { when: { '1-1': 'ON' }, body: reference },
          advice.at('1-2', 'body.customerOrderNumber', text),
        ),
        references(reference),
      ],
      CNT: [lineCount],
    }).map((slot) =>
      slot.tag !== 'CPS'
        ? slot
        : levelSlot(
            structure,
            packingSequence(counts),
            level.each(
              'lines',
              (): CountedLine => ({ packageIds: [], productIds: [] }),
              {},
              [line.at(1, 'count', text), articleOfLine(release)],
              bind<CountedLine>(lineStructure, {
                ...despatchLine(lineStructure),
                PIA: [orderedArticles(release), moreArticles(release)],
                MEA: [lineWeights],
                IMD: [description],
                QTY: [
                  shippedQuantity,
                  line.self(
                    { when: { '1-1': '21' } },
                    line.group(['1-1', '1-2', '1-3'], 'quantityOrdered', quantityOf('21'), {
                      required: 'ifSent',
                    }),
                  ),
                ],
                RFF: [
                  line.self(
                    { when: { '1-1': 'LI' }, body: groupOf(lineStructure, 'RFF') },
                    line.at('1-2', 'lineNumber', text),
                  ),
                  references(groupOf(lineStructure, 'RFF')),
                ],
                QVR: [
                  line.self(
                    { body: groupOf(lineStructure, 'QVR') },
                    line.through(['1-1', '1-2'], 'difference', stated, variance),
                    line.through([2], 'status', status, codeElement(DISCREPANCY)),
                    line.at('3-4', 'reason', text),
                  ),
                ],
              }),
            ),
          ),
    ),
    finish(document) {
      const { lines } = (document as unknown as Advice).body
      settleLines(lines)
      for (const one of lines)
        if (one.status === undefined && isComplete(one)) one.status = COMPLETE
    },
  }
}
