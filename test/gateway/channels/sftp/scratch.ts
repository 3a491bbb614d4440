// A folder for what tests of SFTP write.
import { afterAll } from '@jest/globals'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone after the file's last test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-sftp-'))
  chmodSync(folder, 0o755)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
