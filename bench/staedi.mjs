// StAEDI as a contestant: a JVM of its own that measures itself. The library is fetched from Maven Central into a cache
// outside of the repository; without Java or Maven, or without a network, it is left out and that is said.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const VERSION = '1.26.0'
const run = promisify(execFile)

async function fetchLibrary() {
  const cache = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'odoo-edi-gateway-bench',
  )
  const jar = join(cache, `staedi-${VERSION}.jar`)
  if (existsSync(jar)) return jar
  await mkdir(cache, { recursive: true })
  const artifact = `-Dartifact=io.xlate:staedi:${VERSION}`
  await run('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${cache}`])
  return jar
}

const commandOf = (error) =>
  error.code === 'ENOENT' ? `${error.path} is not installed` : error.message

/**
 * `missing`: why it cannot take part. Otherwise `contestant(bytes, element, part)` gives one for the `indexed` job on
 * these bytes; `part` `body` leaves out the envelope of X12. `close` ends the machines and removes their files.
 */
export async function openStaedi() {
  const folder = await mkdtemp(join(tmpdir(), 'edigw-bench-'))
  const machines = []
  const close = async () => {
    for (const { child, ended } of machines) {
      child.stdin.end()
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }
  let jar
  try {
    await run('java', ['-version'])
    jar = await fetchLibrary()
    await run('javac', [
      '-cp',
      jar,
      '-d',
      folder,
      fileURLToPath(new URL('Staedi.java', import.meta.url)),
    ])
  } catch (error) {
    return { missing: commandOf(error), close }
  }

  async function contestant(bytes, element, part) {
    const data = join(folder, `${machines.length}.edi`)
    await writeFile(data, bytes)
    const args = [
      '-cp',
      [jar, folder].join(process.platform === 'win32' ? ';' : ':'),
      'Staedi',
      data,
    ]
    const child = spawn('java', [...args, String(element), part ?? 'all'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    machines.push({ child, ended })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return {
      name: 'staedi (JVM)',
      measure: async (leastSeconds) => {
        child.stdin.write(`${leastSeconds}\n`)
        const { value, done } = await lines.next()
        if (done) throw new Error('the Java process ended')
        const [sum, seconds] = value.split(' ')
        return { sum, seconds: Number(seconds) }
      },
    }
  }

  return { contestant, close }
}
