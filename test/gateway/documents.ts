// Documents and agreements of the example partners, for the tests of the flow.
import { readFileSync } from 'node:fs'
import type { Message } from '../../edi-maps/canonical/message.js'
import type { ShipmentNotice } from '../../edi-maps/canonical/document.js'
import type { ChannelIdentity, GatewayAgreement } from '../../gateway/agreement.js'

const golden = (path: string) =>
  readFileSync(
    new URL(`../../../test/golden/x12/856/pick-and-pack/${path}`, import.meta.url),
    'utf8',
  )

/** The golden 856 as it is. */
export const GOLDEN_856 = golden('in.edi')
export const GOLDEN_NOTICE = (JSON.parse(golden('canonical.json')) as ShipmentNotice[])[0]!
export const GOLDEN_997 = golden('ack.997.edi')

export interface X12Options {
  control?: number
  /** BSN02 of each set. */
  shipments?: readonly string[]
  /** ISA15. */
  usage?: 'P' | 'T' | 'I'
  /** ISA14. */
  requestAck?: boolean
  sender?: string
  receiver?: string
}

/** The golden 856 with other numbers, one set for each shipment. */
export function x12Notices(options: X12Options = {}): string {
  const { control = 101, shipments = ['SHP-2025-0001'], usage = 'P' } = options
  const set = /ST\*856[^]*?SE\*41\*0001~\n?/.exec(GOLDEN_856)![0]
  const sets = shipments.map((shipment, n) => {
    const number = String(n + 1).padStart(4, '0')
    return set
      .replace('ST*856*0001', `ST*856*${number}`)
      .replace('SE*41*0001', `SE*41*${number}`)
      .replace('SHP-2025-0001', shipment)
  })
  const padded = String(control).padStart(9, '0')
  const id = (text: string) => text.padEnd(15)
  return GOLDEN_856.replace(set, sets.join(''))
    .replaceAll('000000101', padded)
    .replace('*1416*101*X', `*1416*${control}*X`)
    .replace('GE*1*101', `GE*${shipments.length}*${control}`)
    .replace('*P*>', `*${usage}*>`)
    .replace(`*${padded}*0*`, `*${padded}*${options.requestAck ? 1 : 0}*`)
    .replace(id('EXSUPPLIER'), id(options.sender ?? 'EXSUPPLIER'))
    .replace(id('EXRETAIL'), id(options.receiver ?? 'EXRETAIL'))
}

/** A 997 of Example Retail for one of our 856: `status` is AK5 and AK9. */
export function x12Ack(options: {
  control: number
  group: number
  set?: string
  status?: 'A' | 'E' | 'R'
  sender?: string
}): string {
  const { control, group, set = '0001', status = 'A', sender = 'EXRETAIL' } = options
  const error = status === 'A' ? '' : 'AK3*REF*4**8~AK4*2*127*1~'
  const code = status === 'R' ? '*5' : ''
  const segments = 6 + (status === 'A' ? 0 : 2)
  return (
    `ISA*00*          *00*          *ZZ*${sender.padEnd(15)}*ZZ*EXSUPPLIER     *260102*0304*U*00401*` +
    `${String(control).padStart(9, '0')}*0*P*>~GS*FA*${sender}*EXSUPPLIER*20260102*0304*${control}*X*004010~` +
    `ST*997*0001~AK1*SH*${group}~AK2*856*${set}~${error}AK5*${status}${code}~` +
    `AK9*${status}*1*1*${status === 'R' ? 0 : 1}~SE*${segments}*0001~GE*1*${control}~IEA*1*${String(control).padStart(9, '0')}~`
  )
}

/** A TA1 of Example Retail for one of our interchanges. */
export const x12Ta1 = (control: number, answers: number, code: 'A' | 'R', note = '000') =>
  `ISA*00*          *00*          *ZZ*EXRETAIL       *ZZ*EXSUPPLIER     *260102*0304*U*00401*` +
  `${String(control).padStart(9, '0')}*0*P*>~TA1*${String(answers).padStart(9, '0')}*260102*0304*${code}*${note}~` +
  `IEA*0*${String(control).padStart(9, '0')}~`

const id = (text: string) => ({ interchange: { qualifier: 'ZZ', id: text } })

/** We are Example Retail and get 856 from Example Supplier. */
export const RECEIVING: GatewayAgreement = {
  id: 'example-supplier',
  name: 'Example Supplier sends notices',
  ourRole: 'customer',
  theirRole: 'supplier',
  environment: 'production',
  standard: 'x12',
  us: id('EXRETAIL'),
  partner: id('EXSUPPLIER'),
  documents: [{ direction: 'in', message: '856', version: '004010' }],
}

/** We are Example Supplier and send 856 to Example Retail. */
export const SENDING: GatewayAgreement = {
  id: 'example-retail',
  name: 'Example Retail gets notices',
  ourRole: 'supplier',
  theirRole: 'customer',
  environment: 'production',
  standard: 'x12',
  us: id('EXSUPPLIER'),
  partner: id('EXRETAIL'),
  documents: [{ direction: 'out', message: '856', version: '004010' }],
}

const carries = (sender: string, receiver: string) => ({
  sender: { qualifier: 'ZZ', id: sender },
  receiver: { qualifier: 'ZZ', id: receiver },
})

export const SUPPLIER_IDENTITY: ChannelIdentity = {
  channel: 'rest',
  id: 'supplier-client',
  name: 'Example Supplier',
  carries: [carries('EXSUPPLIER', 'EXRETAIL')],
  environments: ['production'],
}

export const RETAIL_IDENTITY: ChannelIdentity = {
  channel: 'rest',
  id: 'retail-client',
  name: 'Example Retail',
  carries: [carries('EXRETAIL', 'EXSUPPLIER')],
  environments: ['production'],
}

let count = 0

/** A Message as Odoo gives it to be sent to Example Retail. */
export function outgoing(more: Partial<Message> = {}): Message {
  const n = String(++count).padStart(12, '0')
  const document = { ...GOLDEN_NOTICE }
  delete document.source
  return {
    id: `019b76da-a800-7000-8000-${n}`,
    revision: 1,
    correlationId: `corr-${n}`,
    direction: 'out',
    partner: 'example-retail',
    ourRole: 'supplier',
    theirRole: 'customer',
    test: false,
    document: { ...document, documentNumber: `SHP-${n}` },
    ...more,
  }
}
