// One log line for each stage of a payload, interchange or message, once it is committed: with the correlation id one
// `grep` gives its way through the gateway.
import type { Logger } from 'pino'
import type { StageEvent } from './store/events.js'

/** Told what was committed. */
export type Journal = (events: readonly StageEvent[]) => void

/** Findings quote what stands in the document, which has no place in a log; API and history have them. */
const quotes = ({ stage, state }: StageEvent) => state === 'rejected' || stage === 'send'

/** Writes at level info. What failed and is tried again is told by the worker (lanes.ts). */
export const stageLog =
  (log: Pick<Logger, 'info' | 'isLevelEnabled'>): Journal =>
  (events) => {
    if (!log.isLevelEnabled('info')) return
    for (const event of events) {
      const { correlationId, inboxId, interchangeId, messageId, revision } = event
      const { stage, state, actor, detail } = event
      log.info(
        {
          correlation_id: correlationId,
          ...(inboxId === undefined ? {} : { payload_id: inboxId }),
          ...(interchangeId === undefined ? {} : { interchange_id: interchangeId }),
          ...(messageId === undefined ? {} : { message_id: messageId, revision }),
          stage,
          state,
          ...(actor === undefined ? {} : { actor }),
          ...(detail === undefined || quotes(event) ? {} : { reason: detail }),
        },
        `${stage}: ${state}`,
      )
    }
  }
