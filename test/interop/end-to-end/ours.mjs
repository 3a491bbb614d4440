// What the scenarios ask of the gateway and of the target behind it, by its API.
import { until } from '../../odoo/e2e/processes.mjs'
import { assertSeen } from './report.mjs'

/** An answer of the API; anything but success throws. */
export async function ask({ gateway }, method, path, body, headers) {
  const answer = await gateway.call(method, path, body, headers)
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${answer.bytes.toString()}`)
  return answer.body
}

export const agree = (ours, agreement) =>
  ask(ours, 'PUT', `/v1/agreements/${agreement.id}?state=active`, {
    ...{ environment: 'production', standard: 'x12' },
    ...agreement,
  })

/** The interchange of a sender with a control number, once it has got to `state`. */
export const interchange = (ours, sender, control, state) =>
  until(`interchange ${control} of ${sender} is ${state}`, async () => {
    const { items } = await ask(ours, 'GET', `/v1/interchanges?sender=${sender}`)
    const found = items.find((one) => Number(one.control) === control)
    return found?.state === state && found
  })

/** The document with this number as the target has it: exactly one, sent once. */
export function handedOver({ receiver }, number) {
  return until(`${number} is at the target`, () => {
    const arrivals = arrivalsOf(receiver, number)
    if (arrivals.length === 0) return undefined
    assertSeen(`number of deliveries of ${number}`, arrivals.length, 1)
    return JSON.parse(arrivals[0].body)
  })
}

export const arrivalsOf = (receiver, number) =>
  receiver
    .arrivals()
    .filter(
      ({ what, body }) => what === 'message' && JSON.parse(body).document.documentNumber === number,
    )

/** Waits until an interchange is quarantined; there must be an alert about it, and no acknowledgement. Gives the alert. */
export async function assertQuarantined(ours, sender, control) {
  const { id, interchangeId } = await interchange(ours, sender, control, 'quarantined')
  const { items: acks } = await ask(ours, 'GET', `/v1/interchanges/${id}/acks`)
  assertSeen('number of acknowledgements', acks.length, 0)
  const { items: alerts } = await ask(ours, 'GET', '/v1/alerts?kind=interchange-quarantined')
  const alert = alerts.find(({ subject }) => subject === `interchange ${interchangeId}`)
  if (!alert) throw new Error(`there is no alert about ${id}: ${JSON.stringify(alerts)}`)
  return alert.text
}

/** What a 997 says of the one set of a group; throws unless it accepts it. */
export function assertAccepts(text, { type, code, control }) {
  const segments = text.split('~').map((segment) => segment.trim())
  for (const wanted of [`AK1*${code}*${control}`, `AK2*${type}*0001`, 'AK5*A', 'AK9*A*1*1*1'])
    if (!segments.includes(wanted)) throw new Error(`no ${wanted} in ${text}`)
  return `AK1*${code}*${control}, AK2*${type}*0001, AK5*A, AK9*A`
}
