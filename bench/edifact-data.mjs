// Generated EDIFACT for measuring: interchanges of DESADV and INVOIC (D.96A, UNOC) as partners send them, sound and
// free of what the peers misread: one UNA, at the start of the file.
import { withCheckDigit } from './gs1.mjs'

const [BUYER, SUPPLIER, DELIVERY] = ['541234500001', '541234500002', '541234500003'].map(
  withCheckDigit,
)
const gtin = (line) => withCheckDigit(String(401234510000 + line))
const sscc = (number, pack) =>
  withCheckDigit(`34012345${String((number * 10 + pack) % 1e9).padStart(9, '0')}`)

/** Despatch advice of about 2 kB: 3 packages, 6 lines. */
function desadv(number) {
  const ref = `D${number}`
  const rows = [
    `UNH+${ref}+DESADV:D:96A:UN:EAN007`,
    `BGM+351+SHP-${number}+9`,
    'DTM+137:20251230:102',
    'DTM+11:202512301400:203',
    'DTM+17:20260105:102',
    `RFF+ON:PO-${number}`,
    'DTM+171:20251215:102',
    `NAD+BY+${BUYER}::9++EXAMPLE RETAIL+EXAMPLE STREET 1+SPRINGFIELD++62701+US`,
    `NAD+SU+${SUPPLIER}::9++M\xfcller ?+ S\xf6hne+LAGERSTRASSE 7+K\xd6LN++50667+DE`,
    `NAD+DP+${DELIVERY}::9`,
    'TDT+20++30+31+:::EXAMPLE FREIGHT LINES',
    'CPS+1',
    'PAC+3++201::9',
  ]
  let line = 0
  for (let pack = 1; pack <= 3; pack++) {
    rows.push(
      `CPS+${pack + 1}+1`,
      'PAC+1++CT::9',
      'MEA+PD+AAB+KGM:13.5',
      'PCI+33E',
      `GIN+BJ+${sscc(number, pack)}`,
    )
    for (let item = 1; item <= 2; item++) {
      rows.push(
        `LIN+${++line}++${gtin(line)}:EN`,
        `PIA+1+SKU-${pack}${item}:SA::91+700${line}:IN::92`,
        "IMD+F++:::EXAMPLE WIDGET, DON?'T BEND, LARGE",
        `QTY+12:${12 * line}`,
        'DTM+361:20270630:102',
        `RFF+ON:PO-${number}:${line}`,
      )
    }
  }
  rows.push('CNT+2:6', `UNT+${rows.length + 2}+${ref}`)
  return `${rows.join("'\n")}'\n`
}

/** Invoice of about 2 kB: 6 lines. */
function invoic(number) {
  const ref = `I${number}`
  const rows = [
    `UNH+${ref}+INVOIC:D:96A:UN:EAN008`,
    `BGM+380+INV-${number}+9`,
    'DTM+137:20251231:102',
    'DTM+35:20251230:102',
    `RFF+DQ:SHP-${number}`,
    `NAD+BY+${BUYER}::9`,
    'RFF+VA:US123456789',
    `NAD+SU+${SUPPLIER}::9++M\xfcller ?+ S\xf6hne+LAGERSTRASSE 7+K\xd6LN++50667+DE`,
    'RFF+VA:DE123456789',
    'CUX+2:EUR:4',
    'PAT+3++5:3:D:30',
  ]
  for (let line = 1; line <= 6; line++) {
    rows.push(
      `LIN+${line}++${gtin(line)}:EN`,
      `PIA+1+SKU-${line}:SA::91`,
      'IMD+F++:::EXAMPLE WIDGET, RED, LARGE',
      `QTY+47:${12 * line}`,
      `MOA+203:${(12 * line * 1.25).toFixed(2)}`,
      'PRI+AAA:1.25:::1:PCE',
      'TAX+7+VAT+++:::19+S',
    )
  }
  rows.push(
    'UNS+S',
    'CNT+2:6',
    'MOA+77:374.85',
    'MOA+79:315.00',
    'MOA+124:59.85',
    'TAX+7+VAT+++:::19+S',
    `UNT+${rows.length + 8}+${ref}`,
  )
  return `${rows.join("'\n")}'\n`
}

/** Sound interchanges of `messages` messages each until `bytes` are reached. */
export function interchanges(bytes, messages = 16) {
  const parts = ["UNA:+.? '\n"]
  let size = 0
  for (let control = 1; size < bytes; control++) {
    let text = `UNB+UNOC:3+${SUPPLIER}:14+${BUYER}:14+251231:1200+${control}'\n`
    for (let k = 0; k < messages; k++) {
      const number = control * 100 + k
      text += k % 2 === 0 ? desadv(number) : invoic(number)
    }
    text += `UNZ+${messages}+${control}'\n`
    parts.push(text)
    size += text.length
  }
  return Buffer.from(parts.join(''), 'latin1')
}
