// Which partner's server is polled when: a schedule row calls, leases on the connections see to it that no server is
// polled twice at once, and failures make the pauses longer.
import { RetryableError, describeError } from '../../errors.js'
import type { PollLease, SftpConnections } from '../../store/sftp-connections.js'
import { poll, type FetchSettings, type PollOptions } from './poll.js'
import { ConnectionError, connect, type Remote } from './remote.js'

export interface PollerOptions extends Omit<
  PollOptions,
  'connections' | 'mailbox' | 'note' | 'goOn'
> {
  readonly connections: SftpConnections
  readonly random: () => number
  readonly note: (
    connection: string,
    action: string,
    detail: Readonly<Record<string, unknown>>,
  ) => void
  /** True while the gateway has enough to do: nothing more is fetched. */
  readonly busy: () => boolean
  readonly failed: (error: unknown, about: Readonly<Record<string, unknown>>) => void
}

export interface Poller {
  /** Begins the polls that are due and returns; a long one does not hold up the others. */
  begin(mailbox: PollOptions['mailbox']): Promise<void>
  /** Ends after the files that are in work. */
  stop(): Promise<void>
}

/** Servers polled at once by one process. */
const AT_ONCE = 4
const LEASE_SECONDS = 60
const MAX_PAUSE_MS = 3_600_000

export function poller(options: PollerOptions): Poller {
  const { connections, random, failed } = options
  const running = new Map<string, Promise<void>>()
  let stopping = false

  const run = async (lease: PollLease, mailbox: PollOptions['mailbox']): Promise<void> => {
    const { id, settings } = lease
    const { fetch } = settings
    if (fetch === undefined) return // the claim asks for it
    let ours = true
    const renewal = setInterval(
      () => {
        connections.renew(lease, LEASE_SECONDS).then(
          (kept) => (ours &&= kept),
          () => undefined, // the lease runs on; another try follows
        )
      },
      (LEASE_SECONDS * 1000) / 4,
    )
    let pauseMs = fetch.every * 1000
    let remote: Remote | undefined
    try {
      remote = await connect(settings, lease.secrets)
      const connection = {
        ...lease,
        settings: { ...settings, fetch: fetch satisfies FetchSettings },
      }
      const { more } = await poll(remote, connection, {
        ...options,
        mailbox,
        note: (action, detail) => options.note(id, action, detail),
        goOn: () => ours && !stopping,
      })
      await connections.worked(id, 'fetch')
      if (more) pauseMs = 0
    } catch (error) {
      if (error instanceof ConnectionError) {
        const failures = await connections.failed(id, 'fetch', error)
        const limit = Math.min(MAX_PAUSE_MS, pauseMs * 2 ** Math.min(failures, 12))
        pauseMs = Math.max(pauseMs, limit * (0.5 + random() / 2))
      } else if (!(error instanceof RetryableError)) throw error
    } finally {
      clearInterval(renewal)
      remote?.end()
      await connections.endPoll(lease, pauseMs)
    }
  }

  return {
    begin: async (mailbox) => {
      const room = AT_ONCE - running.size
      if (stopping || room <= 0 || options.busy()) return
      for (const lease of await connections.claimDue(room, LEASE_SECONDS)) {
        const ended = run(lease, mailbox)
          .catch((error: unknown) =>
            failed(error, { connection: lease.id, text: describeError(error) }),
          )
          .finally(() => running.delete(lease.id))
        running.set(lease.id, ended)
      }
    },
    stop: async () => {
      stopping = true
      await Promise.all(running.values())
    },
  }
}
