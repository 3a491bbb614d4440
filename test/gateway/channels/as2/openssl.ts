// The `openssl cms` command as the other side of a conversation.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A folder of files that openssl reads and writes; `close` removes it. */
export class OpenSsl {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async start(files: Record<string, string | Uint8Array>): Promise<OpenSsl> {
    const openssl = new OpenSsl(await mkdtemp(join(tmpdir(), 'edigw-openssl-')))
    for (const [name, content] of Object.entries(files)) await openssl.write(name, content)
    return openssl
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await writeFile(join(this.folder, name), content)
  }

  /** Runs `openssl cms …` in the folder and returns the file `out`. Rejects with what openssl says. */
  async cms(...args: string[]): Promise<Buffer> {
    await run('openssl', ['cms', ...args, '-out', 'out'], { cwd: this.folder })
    return readFile(join(this.folder, 'out'))
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true })
  }
}
