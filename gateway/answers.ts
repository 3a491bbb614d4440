// Answers that came in: a 997, TA1 or CONTRL moves the syntax state of what we sent, an 824 or APERAK its business state.
import type { Document } from '../edi-maps/canonical/document.js'
import type { AgreementVersion } from './agreement.js'
import { businessAnswer } from './business-answer.js'
import type { Edi } from './edi.js'
import { newMessage, type Earlier, type InboundOptions } from './inbound-message.js'
import { hasError, withRefusals, type InterchangePlan } from './interchange-plan.js'
import { applyAck, type AckEnvelope } from './store/acks.js'
import { raiseAlert } from './store/alerts.js'
import { applyBusinessAnswer } from './store/business-answers.js'
import type { InboxRow } from './store/interchanges.js'
import { insertMessages, type NewMessage } from './store/messages.js'
import type { Work } from './store/work.js'

/** Answers move what they answer; one that answers nothing we sent is kept for people to see. */
export async function applyAnswers(
  options: InboundOptions & { edi: Edi },
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
  version: AgreementVersion,
  row: string,
  earlier: Earlier,
): Promise<void> {
  const { interchange } = plan
  const envelope = {
    sender: interchange.sender.id,
    receiver: interchange.receiver.id,
    test: interchange.test,
  }
  const unanswered = async (what: string) => {
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      stage: 'ack',
      state: 'held',
      detail: `${what} answers nothing that was sent to this partner`,
    })
    await raiseAlert(work, {
      key: `ack-unmatched ${version.id}`,
      kind: 'ack-unmatched',
      subject: `interchange ${row}`,
      text: `${what} from ${interchange.sender.id.trim()} answers nothing that was sent there.`,
    })
  }
  const isRejected = hasError(interchange.issues)
  for (const entry of isRejected ? [] : options.edi.interchangeAcks(interchange))
    if ((await applyAck(work, envelope, entry, false)) === 0)
      await unanswered(`TA1 for interchange ${entry.interchange?.control ?? ''}`)

  const messages: NewMessage[] = []
  for (const set of plan.answers) {
    const { document } = set
    let state: NewMessage['state'] = 'rejected'
    if (document !== undefined && !plan.rejected.has(set.position)) {
      const answered = await applyAnswer(work, envelope, set.transaction.type, document)
      state = answered > 0 ? 'applied' : 'held'
      if (answered === 0) await unanswered(`${set.transaction.type} ${document.documentNumber}`)
    }
    const told = withRefusals(set, plan.refusals)
    messages.push(newMessage(options, inbox, version, row, told, earlier, state))
  }
  await insertMessages(work, messages)
}

/** Gives how many of the messages we sent it was for. */
async function applyAnswer(
  work: Work,
  envelope: AckEnvelope,
  type: string,
  document: Document,
): Promise<number> {
  let answered = 0
  if (document.kind === 'functionalAck') {
    for (const entry of [...document.body.acknowledged].sort(byDetail))
      answered += await applyAck(work, envelope, entry, type === 'CONTRL')
  } else if (document.kind === 'applicationAck') {
    for (const entry of document.body.answers)
      answered += await applyBusinessAnswer(work, envelope, businessAnswer(entry))
  }
  return answered
}

/** What is said of a single set counts before what is said of its group. */
const DETAIL = { transaction: 0, group: 1, interchange: 2 } as const
const byDetail = (a: { level: keyof typeof DETAIL }, b: { level: keyof typeof DETAIL }) =>
  DETAIL[a.level] - DETAIL[b.level]
