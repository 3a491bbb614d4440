// Cross-check of EDI bytes by readers that are not ours (node-x12, edifact), in a thread with limits of its own: what
// they cannot stand ends the thread, not the gateway.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { CrossCheck, Question } from './compare.js'

export type { CrossCheck } from './compare.js'
export { MAX_BYTES } from './limits.js'

export interface CrossChecker {
  /** Never rejects: what could not be compared says why. */
  check(question: Question): Promise<CrossCheck>
  close(): Promise<void>
}

const LIMIT_MS = 2_000
const LIMIT_MB = 256

/** The thread is started by the first check. Checks take turns. */
export function openCrossChecker(limitMs = LIMIT_MS): CrossChecker {
  let thread: Worker | undefined
  /** Ends the question that is asked now. */
  let giveUp: (why: string) => void = () => undefined
  let turn: Promise<unknown> = Promise.resolve()
  let closed = false

  const started = async () => {
    if (thread !== undefined) return thread
    const worker = new Worker(new URL('./worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB },
    })
    await once(worker, 'online')
    worker.on('error', (error) => giveUp(error.message))
    return (thread = worker)
  }

  const ask = async (question: Question): Promise<CrossCheck> => {
    if (closed) return notComparable('the gateway is shutting down')
    const worker = await started()
    return new Promise((done) => {
      const end = (check: CrossCheck) => {
        clearTimeout(timer)
        giveUp = () => (thread = undefined)
        worker.removeAllListeners('message').unref()
        done(check)
      }
      giveUp = (why) => {
        thread = undefined // it may still answer, and must not answer the next question
        void worker.terminate()
        end(notComparable(why))
      }
      const timer = setTimeout(() => giveUp(`it took longer than ${limitMs} ms`), limitMs)
      worker.ref() // only a thread that owes an answer keeps the process
      worker.once('message', end)
      worker.postMessage(question)
    })
  }

  return {
    check(question) {
      const asked = turn.then(() => ask(question))
      turn = asked
      return asked
    },
    async close() {
      closed = true
      await turn
      await thread?.terminate()
    },
  }
}

/** Why bytes are held that a second reader reads otherwise. */
export const misread = ({ tag, offset, text }: Extract<CrossCheck, { result: 'different' }>) =>
  `its bytes are not read alike by all (${tag} at byte ${offset}): ${text}`

/** The outcome for the history of what is sent. */
export const toldCheck = (check: Exclude<CrossCheck, { result: 'different' }>) =>
  check.result === 'same' ? 'cross-checked' : `not cross-checked: ${check.text}`

const notComparable = (text: string): CrossCheck => ({ result: 'not comparable', text })
