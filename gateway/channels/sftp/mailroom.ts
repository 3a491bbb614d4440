// Files laid out for partners who fetch them from us, and the receipts of what they fetched.
import type { NewId } from '../../ids.js'
import type { SftpStore } from '../../store/sftp.js'
import type { Mailbox, Payload, Receipt, SendMeta } from '../channel.js'
import { resolvePath } from './paths.js'

export interface MailroomOptions {
  readonly store: SftpStore
  readonly newId: NewId
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

export interface Mailroom {
  layOut(
    address: { readonly account: string; readonly folder?: string | undefined },
    payload: Payload,
    meta: SendMeta,
  ): Promise<Receipt>
  /** Gives the mailbox the receipts of all files fetched since; calls while it works make it look again. */
  report(mailbox: Pick<Mailbox, 'receipt'>): Promise<void>
}

/** Receipts given in one go. */
const BATCH = 100

export function mailroom({ store, newId, now, failed }: MailroomOptions): Mailroom {
  let running: Promise<void> | undefined
  let again = false

  const reportAll = async (mailbox: Pick<Mailbox, 'receipt'>) => {
    for (;;) {
      again = false
      const fetched = await store.unreportedFetches(BATCH)
      for (const { id, outboxId, account, name, fetchedAt } of fetched) {
        const evidence = { account, name, fetchedAt: fetchedAt.toISOString() }
        await mailbox.receipt(outboxId, { state: 'transferred', evidence })
        await store.noteReported([id])
      }
      if (fetched.length < BATCH && !again) return
    }
  }

  return {
    layOut: async (address, payload, meta) => {
      const account = await store.findAccount(address.account)
      if (!account) return refused(`there is no SFTP account ${address.account}`)
      const folders = account.settings.folders.filter((folder) => folder.use === 'out')
      const wanted = address.folder === undefined ? undefined : resolvePath(address.folder)
      const folder = wanted === undefined ? folders[0] : folders.find((f) => f.path === wanted)
      if (!folder)
        return refused(`SFTP account ${account.name} has no folder ${wanted ?? ''} to fetch from`)
      const { fetchedAt } = await store.layOut({
        id: newId(),
        account: account.name,
        folder: folder.path,
        name: safeName(meta.fileName),
        sha256: payload.sha256,
        size: payload.size,
        outboxId: meta.sendId,
        idempotencyKey: meta.idempotencyKey,
      })
      if (fetchedAt) {
        const evidence = { account: account.name, fetchedAt: fetchedAt.toISOString() }
        return { state: 'transferred', evidence }
      }
      return {
        state: 'awaiting',
        until: new Date(now() + account.settings.fetchWithinHours * 3_600_000),
      }
    },
    report: (mailbox) => {
      again = true
      running ??= reportAll(mailbox)
        .catch(failed)
        .finally(() => {
          running = undefined
        })
      return running
    },
  }
}

const refused = (reason: string): Receipt => ({ state: 'refused', reason, retry: false })

/** A file name any partner's system takes. */
function safeName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9._-]/g, '_')
      .replace(/^\.+/, '_')
      .slice(0, 200) || 'file'
  )
}
