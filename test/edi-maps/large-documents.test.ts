// Documents of many thousand lines: what grows with the square of them would not end in time.
import { expect, test } from '@jest/globals'
import { gs1CheckDigit } from '../../edi-maps/check-digit.js'
import { readInput, rewritten } from './reading.js'

const COUNT = 20_000
const numbers = Array.from({ length: COUNT }, (_, n) => n + 1)
/** As many as a level of a DESADV may have. */
const most = numbers.slice(0, 9999)
const levels = [1, 2, 3]
const sscc = (number: number) => {
  const digits = `3401234500${String(number).padStart(7, '0')}`
  return digits + gs1CheckDigit(digits)
}

const x12 = (sets: readonly string[]) =>
  [
    'ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*000000001*0*P*>',
    'GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*1*X*004010',
    'ST*856*0001',
    'BSN*00*SHP-1*20251230*1415',
    ...sets,
    `SE*${sets.length + 3}*0001`,
    'GE*1*1',
    'IEA*1*000000001',
  ].join('~\n') + '~\n'

const edifact = (segments: readonly string[]) =>
  [
    'UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101',
    'UNH+1+DESADV:D:96A:UN:EAN005',
    'BGM+351+SHP-1+9',
    'DTM+137:20251230:102',
    'CPS+1',
    ...segments,
    `UNT+${segments.length + 5}+1`,
    'UNZ+1+101',
  ].join("'\n") + "'\n"

const inputs = {
  'an 856 of many articles': x12([
    'HL*1**S',
    ...numbers.flatMap((n) => [`HL*${n + 1}*1*I`, `LIN**VN*A${n}`, 'SN1**1*EA']),
  ]),
  'an 856 of many orders': x12([
    'HL*1**S',
    ...numbers.flatMap((n) => [`HL*${n + 1}*1*O`, `PRF*PO-${n}`]),
  ]),
  'a DESADV of many articles, in levels of two cartons each': edifact(
    levels.flatMap((level) => [
      `CPS+${level + 1}+1`,
      'PAC+2++CT',
      'PCI+33E',
      `GIN+BJ+${sscc(2 * level)}+${sscc(2 * level + 1)}`,
      ...most.flatMap((n) => [`LIN+${n}++A${n}:SA`, 'QTY+12:2:PCE']),
    ]),
  ),
  'a DESADV of many orders': edifact(
    most.flatMap((n) => [`LIN+${n}++A${n}:SA`, 'QTY+12:1:PCE', `RFF+ON:PO-${n}`]),
  ),
}

test.each(Object.entries(inputs))(
  '%s is read and written as it came',
  (_, input) => {
    const { readings } = readInput(Buffer.from(input, 'latin1'))
    const [reading] = readings
    expect(reading?.document).toBeDefined()
    const { sent, written } = rewritten(reading!)
    expect(written).toEqual(sent)
  },
  180_000,
)
