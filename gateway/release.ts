// Messages that wait for a connection go on when it is there and of their environment: after a start with other
// settings, or when an agreement names another one.
import type { GatewayAgreement } from './agreement.js'
import { deliverLane } from './deliver.js'
import { readAgreement } from './store/agreements.js'
import { releaseInterchanges, releaseMessages, waitingAgreements } from './store/waiting.js'
import type { Work } from './store/work.js'

export interface ReleaseOptions {
  targetOf: (agreement: GatewayAgreement) => { id: string; environment: string } | undefined
}

/** Delivers inbound messages whose connection was missing or of the other environment, and is as it should be now. */
export async function releaseHeld(work: Work, { targetOf }: ReleaseOptions): Promise<void> {
  for (const waiting of await waitingAgreements(work)) {
    const version = await readAgreement(work, waiting.agreement)
    const target = version && targetOf(version.agreement)
    // What was translated as a test never goes to a production database, whatever the agreement says by now.
    if (!target || target.environment !== (waiting.test ? 'test' : 'production')) continue
    const released = await releaseMessages(work, waiting, target.id)
    for (const [place, message] of released.entries()) {
      work.enqueue({
        lane: deliverLane(version.agreement, {
          id: message.id,
          documentNumber: message.document_number,
        }),
        kind: 'deliver',
        payload: { messageId: message.id, revision: message.revision },
        target: target.id,
        place,
      })
      work.event({
        correlationId: message.correlation_id,
        messageId: message.id,
        revision: message.revision,
        stage: 'operator',
        state: 'translated',
        actor: 'gateway',
        detail: `connection ${target.id} is there`,
      })
    }
  }
}

/** All that waits and need not any more; also agreements that have become valid by their date. */
export async function releaseWaiting(work: Work, options: ReleaseOptions): Promise<void> {
  await releaseInterchanges(work, 'gateway')
  await releaseHeld(work, options)
}
