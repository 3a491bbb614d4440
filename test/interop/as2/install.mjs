// Brings the foreign products to this machine by its package managers: Debian packages where we are root, pyas2-lib by
// pip into an environment of its own, OpenAS2 by Maven. Where from is the configuration of those managers.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PYAS2 = '1.4.4'
export const OPENAS2 = '2.10.1'

const place = join(homedir(), '.cache', 'odoo-edi-gateway', 'interop')
export const python = process.env['EDIGW_INTEROP_PYTHON'] ?? join(place, 'python', 'bin', 'python')
export const openAs2Jars = process.env['EDIGW_INTEROP_OPENAS2'] ?? join(place, `openas2-${OPENAS2}`)

/** Installs Debian packages. Throws with what a person can do where that is not ours to do. */
export async function installDebian(packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`as root: apt-get install ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
}

/** pyas2-lib beside Debian's oscrypto: the one of PyPI does not know OpenSSL 3.0.10 and later. */
export async function installPyAs2() {
  await installDebian(['python3-venv', 'python3-oscrypto', 'python3-openssl'])
  const folder = join(place, 'python')
  await rm(folder, { recursive: true, force: true })
  await run('/usr/bin/python3', ['-m', 'venv', '--system-site-packages', folder])
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', `pyas2lib==${PYAS2}`])
}

/** OpenAS2 with what it needs, from Maven Central as Maven is configured. */
export async function installOpenAs2() {
  await installDebian(['default-jdk-headless', 'maven'])
  const draft = `${openAs2Jars}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  await writeFile(
    join(draft, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>edigw</groupId><artifactId>interop</artifactId><version>1</version>
<dependencies><dependency><groupId>net.sf.openas2</groupId><artifactId>openas2-server</artifactId><version>${OPENAS2}</version></dependency></dependencies></project>`,
  )
  await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${draft}`], {
    cwd: draft,
  })
  await rename(draft, openAs2Jars)
}
