// Generated X12 for measuring: interchanges of 856 sets as partners send them, sound and free of what peers misread.
import { withCheckDigit } from './gs1.mjs'

const isa = (control) =>
  `ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*${control}*0*P*>~\n`

const GTIN = withCheckDigit('06141410001')
const sscc = (number, carton) =>
  withCheckDigit(`00614141${String((number * 10 + carton) % 1e9).padStart(9, '0')}`)

/** One shipment notice of about 2.6 kB: 1 order, 4 cartons, 8 lines. */
export function notice(number) {
  const control = String(number % 10000).padStart(4, '0')
  const rows = [
    `ST*856*${control}`,
    `BSN*00*SHP-${number}*20251230*1415*0001`,
    'HL*1**S',
    'TD1*CTN25*4****G*41.5*LB',
    'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC',
    `REF*BM*BOL${number}`,
    `REF*CN*PRO${number}`,
    'DTM*011*20251230*1400',
    'DTM*017*20260105',
    'FOB*PP',
    'N1*ST*EXAMPLE RETAIL DC 7*UL*0614141900018',
    'N3*100 WAREHOUSE ROAD',
    'N4*SPRINGFIELD*IL*62701*US',
    'N1*SF*EXAMPLE SUPPLIER*UL*0614141000005',
    'HL*2*1*O',
    `PRF*PO-${number}***20251215`,
    'REF*DP*0042',
    'N1*BY*EXAMPLE RETAIL STORE 0117*92*0117',
  ]
  let hl = 2
  for (let carton = 1; carton <= 4; carton++) {
    const pack = ++hl
    rows.push(`HL*${pack}*2*P`, `MAN*GM*00${sscc(number, carton)}`)
    for (let item = 1; item <= 2; item++) {
      rows.push(
        `HL*${++hl}*${pack}*I`,
        `LIN*${item}*UP*${GTIN}*VN*SKU-${carton}${item}*IN*700${carton}${item}`,
        'SN1**12*EA**24*EA',
        'PID*F****EXAMPLE WIDGET, RED, LARGE',
        'REF*LT*LOT-B7',
        'DTM*036*20270630',
      )
    }
  }
  rows.push(`CTT*${hl}`)
  rows.push(`SE*${rows.length + 1}*${control}`)
  return `${rows.join('~\n')}~\n`
}

/** Sound interchanges of `sets` notices each until `bytes` are reached. */
export function interchanges(bytes, sets = 50) {
  const parts = []
  let size = 0
  for (let control = 1; size < bytes; control++) {
    const number = String(control).padStart(9, '0')
    let text = `${isa(number)}GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*${control}*X*004010~\n`
    for (let k = 0; k < sets; k++) text += notice(control * 100 + k)
    text += `GE*${sets}*${control}~\nIEA*1*${number}~\n`
    parts.push(text)
    size += text.length
  }
  return Buffer.from(parts.join(''), 'latin1')
}
