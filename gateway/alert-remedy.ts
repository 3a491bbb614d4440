// What a person does about an alert: the page of what it is about, and the exact call that ends it.
import type { Alert } from './store/alerts.js'

const WHY = '{"reason": "why"}'

const PAGES: Readonly<Record<string, (id: string) => string>> = {
  interchange: (id) => `/v1/interchanges/${id}`,
  payload: (id) => `/v1/interchanges/${id}`,
  message: (id) => `/v1/messages/${id}`,
  agreement: (id) => `/v1/agreements/${id}`,
  partner: (id) => `/v1/messages?partner=${encodeURIComponent(id)}&overdue=true`,
}

/** Path of what an alert is about, where the API has a page for it. */
export function alertLink({ subject }: Pick<Alert, 'subject'>): string | undefined {
  const [, what = '', id = ''] = /^(\w+) (\S+)$/.exec(subject ?? '') ?? []
  return Object.hasOwn(PAGES, what) ? PAGES[what]?.(id) : undefined
}

const replay = (page: string) => `POST ${page}/replay ${WHY}`

const REMEDIES: Readonly<Record<string, (page: string, close: string) => string>> = {
  'interchange-unmatched': () =>
    'add and activate an agreement for these ids; what waits is then translated by itself',
  'interchange-quarantined': (page) =>
    `decide whether its sender may bring this (edigw as2 | sftp | client); if so ${replay(page)}`,
  'interchange-held': (page) =>
    `GET ${page} says why; one that waits for an agreement goes on by itself, else ${replay(page)}`,
  'payload-dead': (page) => `GET ${page} says why; then ${replay(page)}`,
  'payload-rejected': (page, close) => `GET ${page} says what came; tell its sender, then ${close}`,
  'payload-partly-read': (page, close) =>
    `GET ${page}/raw shows the bytes; a document among them has to be sent again by itself, then ${close}`,
  'message-dead': (page) =>
    `GET ${page} says why; then POST ${page}/deliver-again (inbound) or /send-again (outbound) ${WHY}`,
  'message-rejected': (page) =>
    `GET ${page} says what the partner objects to; correct it in Odoo, or POST ${page}/send-again ${WHY}`,
  'ack-unmatched': (page, close) =>
    `GET ${page} says what came; ask the partner what it answers, then ${close}`,
  'ack-overdue': (page) => `GET ${page} lists them; ask the partner`,
  'ack-held': (page) =>
    `GET ${page}/acks shows it; once the reason is gone (a newer gateway), ${replay(page)} makes it anew`,
  'transfer-failed': (page) =>
    page.startsWith('/v1/messages')
      ? `GET ${page} says why; then POST ${page}/retransmit ${WHY}`
      : `GET ${page}/acks says why; then POST ${page}/acks/997/retransmit ${WHY}`,
  'report-failed': (page, close) => `GET ${page} says why; then ${close}`,
  'target-paused': () => 'edigw doctor says what is wrong with it; it goes on by itself',
}

/** One line: what to look at and which call ends it. */
export function alertRemedy({ id, kind, subject }: Pick<Alert, 'id' | 'kind' | 'subject'>): string {
  const page = alertLink({ subject })
  const close = `POST /v1/alerts/${id}/close ${WHY}`
  if (kind === 'message-held')
    return subject?.startsWith('agreement ') === true
      ? 'set the connection, or its environment, as the agreement says; they are then delivered by themselves'
      : `GET ${page ?? '/v1/messages?state=held'} says why; then POST ${page ?? ''}/deliver-again (inbound) or /send-again (outbound) ${WHY}`
  const remedy = Object.hasOwn(REMEDIES, kind) ? REMEDIES[kind] : undefined
  if (remedy !== undefined && (page !== undefined || kind === 'target-paused'))
    return remedy(page ?? '', close)
  if (kind === 'transfer-failed')
    return `put the way to the partner right (edigw as2 test | sftp connection test); then ${close}`
  return `look at ${subject ?? 'it'}; then ${close}`
}
