// The flow of one process: the steps with their workers, the scheduled work, and the mailbox channels give to.
import type { Logger } from 'pino'
import { agreementCheck, type AgreementCheck, type GatewayAgreement } from './agreement.js'
import { mailboxChannel } from './channels/mailbox/index.js'
import { restChannel } from './channels/rest/index.js'
import type { Channel, Mailbox } from './channels/channel.js'
import { deliverStep } from './deliver.js'
import { openCrossChecker } from './cross-check/index.js'
import type { Edi } from './edi.js'
import type { Fault } from './fault.js'
import type { NewId } from './ids.js'
import { startWorker } from './lanes.js'
import type { Meter } from './meter.js'
import { pollOutbox, reportStep } from './odoo-outbox.js'
import type { OdooClient } from './odoo.js'
import { recentPayloads } from './recent-payloads.js'
import { releaseHeld, releaseWaiting } from './release.js'
import { sendStep } from './send.js'
import { startSweeper, type Task } from './sweeper.js'
import { flagOverdue } from './store/acks.js'
import { openDirectory, readAgreement, type Directory } from './store/agreements.js'
import { sealAudit } from './store/audit.js'
import type { Db } from './store/db.js'
import { removeIdleLanes } from './store/lanes.js'
import { openMailbox } from './store/mailbox.js'
import { moveOutbox, queueTransfer, readOutbox } from './store/outbox.js'
import { writeWithin } from './store/within.js'
import { doWork, type Work } from './store/work.js'
import type { Step } from './step.js'
import { openTargets } from './targets.js'
import { applyReceipt, transferStep } from './transfer.js'
import { translateStep } from './translate.js'
import type { Wake } from './wake.js'

export interface FlowOptions {
  db: Db
  wake: Wake
  edi: Edi
  odoo: OdooClient
  /** Ids of the connections whose outbox is asked. */
  connections: readonly string[]
  /** Channels beside `rest` and `mailbox`. */
  channels?: readonly Channel[]
  fetch: typeof fetch
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  meter: Meter
  fault: Fault
  newId: NewId
  /** Milliseconds since 1970. */
  now: () => number
  random: () => number
  /** How often Odoo's outbox is asked (default 2 s). */
  pollMs?: number
  /** See WorkerOptions. */
  leaseMs?: number
  sweepMs?: number
}

export interface Flow {
  readonly mailbox: Mailbox
  /** Agreements in force and channel identities, as they are now. */
  readonly directory: () => Promise<Directory>
  /** The check every agreement goes through before it is stored. */
  readonly checkAgreement: AgreementCheck
  /** Delivers messages that waited for what an agreement or a connection says now. */
  release(work: Work): Promise<void>
  /** Ends what is under way: first what comes in, then the workers. */
  stop(): Promise<void>
}

/** Starts workers, scheduled work and channels. The schema is up to date. */
export async function startFlow(options: FlowOptions): Promise<Flow> {
  const { db, wake, edi, odoo, fetch, log, meter, fault, newId, now, random } = options
  const directory = openDirectory(db)
  const targets = openTargets({ db, wake, odoo, random })
  const channels: readonly Channel[] = [
    restChannel({ fetch }) as Channel,
    mailboxChannel({ now }),
    ...(options.channels ?? []),
  ]
  const targetOf = ({ target }: GatewayAgreement) =>
    target === undefined ? odoo.defaultConnection() : odoo.connection(target)

  const recent = recentPayloads()
  const intake = openMailbox({ db, wake, newId, fault, recent })
  const mailbox: Mailbox = {
    ...intake,
    receipt: (sendId, receipt) =>
      doWork(db, wake, async (work) => {
        const row = await readOutbox(work, sendId)
        if (!row) return
        const { agreement_id: id, agreement_version: version } = row
        const agreement =
          id === null || version === null ? undefined : await readAgreement(work, id, version)
        await writeWithin(work.tx, receipt.within === undefined ? [] : [receipt.within])
        await applyReceipt(work, row, receipt, agreement)
      }),
    resend: (sendId, within) =>
      doWork(db, wake, async (work) => {
        const row = await readOutbox(work, sendId)
        if (!row || !(await moveOutbox(work, sendId, ['awaiting'], 'sent'))) return
        await within?.(work.tx)
        queueTransfer(work, row)
      }),
  }

  await startAll(channels, mailbox)

  const crossChecker = openCrossChecker()
  const steps = [
    translateStep({ db, wake, edi, directory, targetOf, newId, now, fault, recent }),
    deliverStep({ db, odoo, targets, meter, fault }),
    sendStep({ db, edi, directory, newId, now, fault, crossCheck: crossChecker.check }),
    transferStep({ db, channels, directory, fault, random, crossCheck: crossChecker.check }),
    reportStep({ db, odoo, targets, fault }),
  ] as readonly Step[]
  const { leaseMs, sweepMs } = options
  const workers = steps.map((step) =>
    startWorker(step, {
      ...{ db, wake, log, meter, fault, random },
      ...(leaseMs === undefined ? {} : { leaseMs }),
      ...(sweepMs === undefined ? {} : { sweepMs }),
    }),
  )
  const tasks: Task[] = [
    ...channels.flatMap((channel) => channel.tasks ?? []),
    ...options.connections.map((id) => ({
      name: `odoo-outbox ${id}`,
      everyMs: options.pollMs ?? 2_000,
      run: async () => void (await pollOutbox({ db, wake, odoo, targets, fault }, id)),
    })),
    {
      name: 'overdue acknowledgements',
      everyMs: 15_000,
      run: async () => void (await doWork(db, wake, flagOverdue)),
    },
    {
      name: 'what waits',
      everyMs: 60_000,
      run: () => doWork(db, wake, (work) => releaseWaiting(work, { targetOf })),
    },
    {
      name: 'idle lanes',
      everyMs: 600_000,
      run: async () => {
        while ((await removeIdleLanes(db)) === 1000);
      },
    },
    {
      name: 'audit seal',
      everyMs: 5_000,
      run: async () => {
        while ((await sealAudit(db)) === 500);
      },
    },
  ]
  await doWork(db, wake, (work) => releaseHeld(work, { targetOf }))
  const sweeper = await startSweeper(tasks, { db, log, fault, random })
  // Pauses made by other processes are seen soon, and one that is over ends by itself: each process looks.
  const watch = startRefresh(targets.refresh, log, random)

  return {
    mailbox,
    directory,
    checkAgreement: agreementCheck(channels, edi.checkDocument, edi.checkSettings),
    release: (work) => releaseHeld(work, { targetOf }),
    stop: async () => {
      for (const channel of channels) await channel.stop()
      await intake.close()
      await watch.stop()
      await sweeper.stop()
      await Promise.all(workers.map((worker) => worker.stop()))
      await crossChecker.close()
    },
  }
}

/** Starts all or none. */
async function startAll(channels: readonly Channel[], mailbox: Mailbox): Promise<void> {
  const started: Channel[] = []
  try {
    for (const channel of channels) {
      await channel.start(mailbox)
      started.push(channel)
    }
  } catch (error) {
    for (const channel of started) await channel.stop()
    throw error
  }
}

const REFRESH_MS = 5_000

function startRefresh(
  refresh: () => Promise<void>,
  log: FlowOptions['log'],
  random: () => number,
): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  let stopping = false
  let running: Promise<void> | undefined
  const look = () => {
    running = refresh()
      .catch((err: unknown) => log.warn({ err }, 'the state of the connections is not known'))
      .finally(() => {
        if (!stopping) timer = setTimeout(look, REFRESH_MS * (0.5 + random() / 2))
      })
  }
  look()
  return {
    stop: async () => {
      stopping = true
      clearTimeout(timer)
      await running
    },
  }
}
