// Puts stored bytes on a partner's server: under a temporary name, checked, then renamed. How far it has come is
// written down before each step whose outcome may stay unknown, so that no try delivers a file a second time.
import { RetryableError } from '../../errors.js'
import type { Fault } from '../../fault.js'
import type { SftpConnections } from '../../store/sftp-connections.js'
import type { Payload } from '../channel.js'
import { AHEAD_BYTES, freePath, remotePath, type Remote } from './remote.js'
import type { ConnectionSettings } from './settings.js'

export type PutSettings = NonNullable<ConnectionSettings['put']>

export interface PutRequest {
  readonly connection: string
  readonly folder: string
  readonly fileName: string
  readonly payload: Payload
  /** The same for every try of one transmission. */
  readonly key: string
  readonly settings: PutSettings
}

/** Gives the path the bytes were put under. Each try goes on where the one before it ended. */
export async function put(
  remote: Remote,
  request: PutRequest,
  store: Pick<SftpConnections, 'findPut' | 'beginPut' | 'movePut'>,
  fault: Fault,
): Promise<{ path: string }> {
  const { key, payload, settings } = request
  const known = await store.findPut(key)
  if (known?.state === 'done') return { path: known.path }
  const { path, temporary } = known ?? (await begin(remote, request, store))
  const written = temporary ?? path

  const there = await remote.stat(written)
  // Every byte had been acknowledged: what is no longer there was renamed, or taken by the partner's system.
  const completed = known?.state === 'completing' && !there
  if (!completed) {
    const complete = there?.size === payload.size && known?.state === 'completing'
    if (!complete)
      await upload(remote, written, there?.size ?? 0, payload, async () => {
        if (temporary === undefined) await store.movePut(key, 'completing')
      })
    await assertSize(remote, written, payload.size, temporary === undefined)
    if (temporary !== undefined) {
      await store.movePut(key, 'completing')
      fault('put-completing')
      await remote.rename(temporary, path)
      fault('put-renamed')
    }
  }
  if (settings.doneSuffix !== undefined && (await remote.stat(path)))
    await remote.write(path + settings.doneSuffix, nothing(), 0)
  await store.movePut(key, 'done')
  return { path }
}

async function begin(
  remote: Remote,
  { connection, folder, fileName, key, settings }: PutRequest,
  store: Pick<SftpConnections, 'beginPut'>,
): Promise<{ path: string; temporary?: string }> {
  const path = await freePath(remote, remotePath(folder, fileName))
  // Two senders may put the same name into one folder: the end of the key keeps their temporary files apart.
  const tag = key.replace(/[^a-z0-9]/gi, '').slice(-12)
  const begun = {
    path,
    ...(settings.way === 'direct'
      ? {}
      : { temporary: `${path}.${tag}${settings.temporarySuffix}` }),
  }
  await store.beginPut(key, connection, begun)
  return begun
}

/** Writes what is missing. The last bytes of what is there may have gaps, so some of them are written again. */
async function upload(
  remote: Remote,
  path: string,
  there: number,
  payload: Payload,
  beforeClose: () => Promise<void>,
): Promise<void> {
  const from = there > payload.size ? 0 : Math.max(0, there - AHEAD_BYTES)
  await remote.write(path, behind(payload.read(), from), from, beforeClose)
}

/** With `mayBeGone`, a file that is not there was taken by the partner's system. */
async function assertSize(
  remote: Remote,
  path: string,
  size: number,
  mayBeGone: boolean,
): Promise<void> {
  const there = await remote.stat(path)
  if (there ? there.size === size : mayBeGone) return
  const found = there ? `${there.size} bytes` : 'no file'
  throw new RetryableError(`${path}: the server has ${found}, ${size} bytes were sent`)
}

async function* behind(parts: AsyncIterable<Buffer>, from: number): AsyncGenerator<Buffer> {
  let at = 0
  for await (const part of parts) {
    if (at + part.length > from) yield part.subarray(Math.max(0, from - at))
    at += part.length
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}
