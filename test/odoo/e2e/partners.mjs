// The two example partners of the end-to-end runs: a supplier who sends 856, a retailer who gets them.

const identity = (id) => ({ interchange: { qualifier: 'ZZ', id }, group: id })
const US = identity('EXRETAIL')

/** Example Supplier → us: 856 in, 997 back where it can be fetched. */
export const supplier = {
  id: 'example-supplier',
  name: 'Example Supplier',
  ourRole: 'customer',
  theirRole: 'supplier',
  environment: 'production',
  standard: 'x12',
  us: US,
  partner: identity('EXSUPPLIER'),
  documents: [{ direction: 'in', message: '856', version: '004010' }],
}

/** We → Example Retail: 856 out by HTTP, their 997 in. */
export const retailer = (url) => ({
  id: 'example-retail',
  name: 'Example Retail',
  ourRole: 'supplier',
  theirRole: 'customer',
  environment: 'production',
  standard: 'x12',
  us: US,
  partner: identity('EXBUYER'),
  channel: { kind: 'rest', url },
  documents: [{ direction: 'out', message: '856', version: '004010' }],
})

const HEAD = (control) =>
  `ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*${control}*0*P*>~\n`

/** An interchange with one 856: one carton with `quantity` of SKU-RED for the large example order. */
export function notice(number, control, sscc, quantity = 2) {
  const rows = [
    'ST*856*0001',
    `BSN*00*${number}*20251230*1415*0001`,
    'HL*1**S',
    'DTM*011*20251230*1400',
    'N1*ST*EXAMPLE RETAIL DC 7*UL*0614141900015',
    'N1*SF*EXAMPLE SUPPLIER*UL*0614141000005',
    'HL*2*1*O',
    'PRF*PO-EXAMPLE-1',
    'HL*3*2*P',
    `MAN*GM*00${sscc}`,
    'HL*4*3*I',
    'LIN*1*UP*061414100014',
    `SN1**${quantity}*EA`,
    'CTT*4',
  ]
  const text = [
    `GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*${Number(control)}*X*004010`,
    ...rows,
    `SE*${rows.length + 1}*0001`,
    `GE*1*${Number(control)}`,
    `IEA*1*${control}`,
  ]
  return HEAD(control) + text.map((row) => `${row}~\n`).join('')
}

/** 18 digits with a right check digit. */
export function sscc(serial) {
  const digits = `0061414${String(serial).padStart(10, '0')}`
  let sum = 0
  for (let k = 0; k < digits.length; k++)
    sum += Number(digits[digits.length - 1 - k]) * (k % 2 === 0 ? 3 : 1)
  return digits + ((10 - (sum % 10)) % 10)
}
