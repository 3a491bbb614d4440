import { describe, expect, test } from '@jest/globals'
import type { Issue } from '../../../edi-maps/issue.js'
import { open as openAll, segmentsIn } from '../../../edi-maps/payload.js'
import { latin1 } from '../segments.js'

const UNB = "UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101'"
const message = (control: string, type = 'DESADV') =>
  `UNH+${control}+${type}:D:96A:UN:EAN005'BGM+351+D1+9'UNT+3+${control}'`
const group = (control: string, body: string, count: number) =>
  `UNG+DESADV+STOCK+SHOP+251230:1416+${control}+UN+D:96A'${body}UNE+${count}+${control}'`

function open(text: string) {
  const opened = openAll(segmentsIn(latin1(text)))
  const issues: Issue[] = opened.interchanges.flatMap((interchange) => [
    ...interchange.issues,
    ...interchange.groups.flatMap((one) => [
      ...one.issues,
      ...one.transactions.flatMap((transaction) => transaction.issues),
    ]),
  ])
  return { ...opened, found: issues }
}

/** Code, acknowledgement code and the text at the place of each finding. */
const told = (text: string) =>
  open(text).found.map(({ code, ack, offset, end }) => [code, ack?.code, text.slice(offset, end)])

test('reads who it is between, when, and what of it was asked for', () => {
  const [interchange] = open(
    `UNB+UNOA:2+5412345000013:14:A1+EXRETAIL:ZZZ:B2+251230:1416+REF1+PASS+APP+A+1+EANCOM+1'${message('1')}UNZ+1+REF1'`,
  ).interchanges
  expect(interchange).toMatchObject({
    standard: 'edifact',
    sender: { id: '5412345000013', qualifier: '14', routing: 'A1' },
    receiver: { id: 'EXRETAIL', qualifier: 'ZZZ', routing: 'B2' },
    control: 'REF1',
    date: '251230',
    time: '1416',
    version: 'UNOA:2',
    acknowledgementRequested: true,
    test: true,
    issues: [],
  })
})

test('reads type, release, agency and association of each message', () => {
  const [interchange] = open(
    `${UNB}${message('1')}${message('2', 'INVOIC')}UNZ+2+101'`,
  ).interchanges
  const [plain] = interchange!.groups
  expect(plain).toMatchObject({ issues: [] })
  expect(plain!.control).toBeUndefined()
  expect(plain!.transactions).toMatchObject([
    { type: 'DESADV', control: '1', version: 'D:96A', agency: 'UN', association: 'EAN005' },
    { type: 'INVOIC', control: '2' },
  ])
})

test('reads groups with their own references and applications', () => {
  const text = `${UNB}${group('G1', message('1') + message('2'), 2)}${group('G2', message('3'), 1)}UNZ+2+101'`
  const { interchanges, found } = open(text)
  expect(found).toEqual([])
  expect(interchanges[0]!.groups).toMatchObject([
    {
      type: 'DESADV',
      control: 'G1',
      sender: 'STOCK',
      receiver: 'SHOP',
      version: 'D:96A',
      declaredCount: 2,
    },
    { type: 'DESADV', control: 'G2', transactions: [{ control: '3' }] },
  ])
})

test('takes a date of syntax version 4', () => {
  const unb = "UNB+UNOY:4+A+B+20251230:1416+101'"
  expect(told(`${unb}${message('1')}UNZ+1+101'`)).toEqual([])
})

test('takes control references that differ in leading zeros for the same', () => {
  expect(told(`${UNB}${message('1')}UNZ+1+000101'`)).toEqual([])
})

describe('says what is wrong, at its bytes, with what the CONTRL carries', () => {
  const cases: [string, string, unknown[]][] = [
    [
      'a count of messages',
      `${UNB}${message('1')}UNZ+2+101'`,
      [['group-count-mismatch', '29', '2']],
    ],
    [
      'another interchange reference',
      `${UNB}${message('1')}UNZ+1+102'`,
      [['interchange-control-mismatch', '28', '102']],
    ],
    ['no message', `${UNB}UNZ+0+101'`, [['interchange-empty', '32', "UNZ+0+101'"]]],
    [
      'a count of segments',
      `${UNB}UNH+1+DESADV:D:96A:UN'UNT+3+1'UNZ+1+101'`,
      [['segment-count-mismatch', '29', '3']],
    ],
    [
      'another message reference',
      `${UNB}UNH+1+DESADV:D:96A:UN'UNT+2+2'UNZ+1+101'`,
      [['transaction-control-mismatch', '28', '2']],
    ],
    [
      'a missing UNT',
      `${UNB}UNH+1+DESADV:D:96A:UN'UNZ+1+101'`,
      [['transaction-trailer-missing', '13', '']],
    ],
    ['a missing UNZ', `${UNB}${message('1')}`, [['interchange-cut-off', '13', '']]],
    [
      'a message reference that comes twice',
      `${UNB}${message('1')}${message('1')}UNZ+2+101'`,
      [['transaction-duplicate', '26', '1']],
    ],
    [
      'no message type',
      `${UNB}UNH+1+:D:96A:UN'UNT+2+1'UNZ+1+101'`,
      [['transaction-type-invalid', '12', '']],
    ],
    [
      'a count in a group',
      `${UNB}${group('G1', message('1'), 2)}UNZ+1+101'`,
      [['transaction-count-mismatch', '29', '2']],
    ],
    [
      'a group without end',
      `${UNB}${group('G1', message('1'), 1).replace("UNE+1+G1'", '')}UNZ+1+101'`,
      [['group-trailer-missing', '13', '']],
    ],
    [
      'a group reference that comes twice',
      `${UNB}${group('G1', message('1'), 1)}${group('G1', message('2'), 1)}UNZ+2+101'`,
      [['group-duplicate', '26', 'G1']],
    ],
    [
      'messages beside groups',
      `${UNB}${message('1')}${group('G1', message('2'), 1)}UNZ+1+101'`,
      [['groups-and-messages-mixed', '30', "UNG+DESADV+STOCK+SHOP+251230:1416+G1+UN+D:96A'"]],
    ],
    [
      'a type that is not the group’s',
      `${UNB}${group('G1', message('1', 'INVOIC'), 1)}UNZ+1+101'`,
      [['transaction-not-in-group', undefined, 'INVOIC']],
    ],
    [
      'a segment between messages',
      `${UNB}${message('1')}DTM+137'RFF+ON'UNZ+1+101'`,
      [['control-structure-invalid', '33', "DTM+137'"]],
    ],
    [
      'an interchange in another',
      `${UNB}${message('1')}${UNB}${message('1')}UNZ+1+101'`,
      [['control-structure-invalid', '33', UNB]],
    ],
    [
      'a date that is none',
      `${UNB.replace('251230', '251330')}${message('1')}UNZ+1+101'`,
      [['interchange-date-invalid', '12', '251330']],
    ],
    [
      'a time that is none',
      `${UNB.replace('1416', '2460')}${message('1')}UNZ+1+101'`,
      [['interchange-time-invalid', '12', '2460']],
    ],
    [
      'no sender',
      `${UNB.replace('EXSUPPLIER', '')}${message('1')}UNZ+1+101'`,
      [['sender-id-invalid', '23', '']],
    ],
    [
      'no interchange reference',
      `${UNB.replace('+101', '')}${message('1')}UNZ+1+'`,
      [['interchange-control-number-invalid', '12', '']],
    ],
    [
      'another syntax',
      `${UNB.replace('UNOC:3', 'IATB:1')}${message('1')}UNZ+1+101'`,
      [['interchange-standard-unsupported', '2', 'IATB']],
    ],
  ]
  test.each(cases)('%s', (_, text, expected) => expect(told(text)).toEqual(expected))
})
