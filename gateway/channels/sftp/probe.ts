// Tries a connection as a poll and a put would use it, and changes nothing at the partner.
import { describeError } from '../../errors.js'
import type { SftpConnection } from '../../store/sftp-connections.js'
import { wantedNames } from './poll.js'
import { ConnectionError, connect } from './remote.js'

/** What was found, in words; `host-key` and the others as ConnectionError has them. */
export type Probe =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly kind: ConnectionError['kind']; readonly text: string }

export async function probe({ settings, secrets }: SftpConnection): Promise<Probe> {
  const { fetch, put } = settings
  try {
    const remote = await connect(settings, secrets)
    const lines = ['logged in']
    let folder = fetch?.folder ?? put.folder
    try {
      if (fetch) {
        const isWanted = wantedNames(fetch)
        const files = await remote.list(fetch.folder)
        const wanted = files.filter((file) => isWanted(file.name)).length
        lines.push(`${fetch.folder}: ${wanted} of ${files.length} files would be fetched`)
      }
      folder = put.folder
      await remote.list(folder)
      lines.push(`${put.folder}: files would be put here`)
    } catch (error) {
      return {
        ok: false,
        kind: 'folder',
        text: `${lines.join('; ')}; folder ${folder}: ${describeError(error)}; make it there, or name another in the settings`,
      }
    } finally {
      remote.end()
    }
    return { ok: true, text: lines.join('; ') }
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    return { ok: false, kind: error.kind, text: error.message }
  }
}
