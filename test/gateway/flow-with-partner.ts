// The flow between a target and a partner for all tests of a file: stopped after them, and empty before each.
import { afterAll, beforeEach } from '@jest/globals'
import type { ChannelIdentity, GatewayAgreement } from '../../gateway/agreement.js'
import type { Db } from '../../gateway/store/db.js'
import { emptyTables } from '../postgres.js'
import { configure, testFlow, type TestFlow, type TestFlowOptions } from './flow.js'
import { startPartner, startTarget, type Partner, type Target } from './odoo-target.js'

export interface FlowWithPartner {
  readonly flow: TestFlow
  readonly target: Target
  readonly partner: Partner
}

/** `agreements` are those in force before each test; they reach the partner by the channel given. */
export async function flowWithPartner(
  db: Db,
  agreements: (channel: { kind: 'rest'; url: string }) => readonly GatewayAgreement[],
  identities: readonly ChannelIdentity[],
  more: TestFlowOptions['more'] = {},
): Promise<FlowWithPartner> {
  const target = await startTarget()
  const partner = await startPartner()
  const flow = await testFlow({ db, targetUrl: target.url, more })
  afterAll(async () => {
    await flow.stop()
    await target.close()
    await partner.close()
  })
  beforeEach(async () => {
    await emptyTables(
      db,
      `inbox, interchange, interchange_seen, message, outbox, job, lane, alert, control_number, agreement,
         channel_identity, blob`,
    )
    target.messages.clear()
    target.outbox.length = 0
    target.behaviour = () => undefined
    partner.received.length = 0
    partner.behaviour = () => undefined
    await configure(db, agreements({ kind: 'rest', url: partner.url }), identities)
  })
  return { flow, target, partner }
}
