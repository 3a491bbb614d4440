// OpenSSH as the other side, also outside of jest: its sftp client against our server, its sshd for our client. Keys are
// made here.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stablePort } from '../../stable-port.js'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command to its end; a command still running after `ms` is killed and its code is null. */
export async function run(
  command: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string>; ms?: number } = {},
): Promise<Ran> {
  const child = spawn(command, args, { env: { ...process.env, ...options.env } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => undefined) // it may end without reading
  child.stdin.end(options.input ?? '')
  const late = setTimeout(() => child.kill('SIGKILL'), options.ms ?? 30_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(late)
  return { code, out, err }
}

/** Makes a key pair with ssh-keygen: path of the private key and the public line. */
export async function keyPair(
  folder: string,
  name: string,
  type = 'ed25519',
): Promise<{ path: string; line: string }> {
  const path = join(folder, name)
  const bits = type === 'rsa' ? ['-b', '2048'] : []
  const made = await run('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...bits,
    '-N',
    '',
    '-C',
    name,
    '-f',
    path,
  ])
  if (made.code !== 0) throw new Error(made.err)
  const { out } = await run('ssh-keygen', ['-y', '-f', path])
  return { path, line: out.trim() }
}

export interface SftpLogin {
  readonly port: number
  readonly user: string
  readonly folder: string
  readonly key?: string
  readonly password?: string
  /** Lines `<type> <base64>` the server may show; absent: whatever it shows. */
  readonly hostKeys?: readonly string[]
  readonly options?: readonly string[]
}

/** Arguments and environment of OpenSSH's clients for one login. */
function clientArguments(login: SftpLogin): { args: string[]; env: Record<string, string> } {
  const known = join(login.folder, `known_hosts_${login.port}`)
  writeFileSync(
    known,
    (login.hostKeys ?? []).map((line) => `[127.0.0.1]:${login.port} ${line}\n`).join(''),
  )
  const set = (option: string) => ['-o', option]
  const args = [
    ...set('LogLevel=ERROR'),
    ...set(`UserKnownHostsFile=${known}`),
    ...set(`StrictHostKeyChecking=${login.hostKeys ? 'yes' : 'no'}`),
    ...set('IdentitiesOnly=yes'),
    ...set('GlobalKnownHostsFile=/dev/null'),
    ...(login.options ?? []).flatMap(set),
  ]
  if (login.key !== undefined) return { args: [...args, '-i', login.key], env: {} }
  const ask = join(login.folder, 'askpass')
  if (!existsSync(ask))
    writeFileSync(ask, '#!/bin/sh\necho "$EDIGW_TEST_PASSWORD"\n', { mode: 0o700 })
  return {
    args: [
      ...args,
      ...(login.options?.some((o) => o.startsWith('PreferredAuthentications'))
        ? []
        : set('PreferredAuthentications=password')),
      ...set('NumberOfPasswordPrompts=1'),
    ],
    env: {
      SSH_ASKPASS: ask,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':0',
      EDIGW_TEST_PASSWORD: login.password ?? '',
    },
  }
}

/** Runs commands in OpenSSH's sftp; it stops at the first that fails. `out` is without the echo of the commands. */
export async function sftp(
  login: SftpLogin,
  commands: readonly string[],
  ms?: number,
): Promise<Ran> {
  const { args, env } = clientArguments(login)
  // -b switches prompts off, so a password is only asked for without it.
  const batch = login.key === undefined ? [] : ['-b', '-']
  const ran = await run(
    'sftp',
    ['-P', String(login.port), ...batch, ...args, `${login.user}@127.0.0.1`],
    {
      input: `${commands.join('\n')}\n`,
      env,
      ...(ms === undefined ? {} : { ms }),
    },
  )
  return { ...ran, out: ran.out.replace(/^sftp> .*\n/gm, '') }
}

/** Starts sftp with its input open: for uploads that are broken off. */
export function openSftp(login: SftpLogin): ChildProcess {
  const { args, env } = clientArguments(login)
  const child = spawn('sftp', ['-P', String(login.port), ...args, `${login.user}@127.0.0.1`], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return child
}

/** Runs ssh with a command, a shell or a forwarding. */
export function ssh(login: SftpLogin, more: readonly string[]): Promise<Ran> {
  const { args, env } = clientArguments(login)
  return run('ssh', ['-p', String(login.port), ...args, ...more], { env, ms: 40_000 })
}

/** sshd itself, for the user of this process and one key. */
export async function startSshd(
  folder: string,
  options: { hostKey: string; authorizedKey: string },
): Promise<{ port: number; user: string; stop(): void }> {
  const { uid, username } = userInfo()
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const port = await stablePort()
  const keys = join(folder, 'authorized_keys')
  writeFileSync(keys, `${options.authorizedKey}\n`)
  const config = join(folder, 'sshd_config')
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${options.hostKey}`,
      `AuthorizedKeysFile ${keys}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'MaxStartups 100',
      `Subsystem sftp internal-sftp -d ${folder}`,
    ].join('\n'),
  )
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  await new Promise<void>((listens, fail) => {
    createInterface(sshd.stderr).on('line', (line) => {
      said.push(line)
      if (/listening/i.test(line)) listens()
    })
    sshd.once('exit', () => fail(new Error(`sshd ended: ${said.join('\n')}`)))
  })
  return { port, user: username, stop: () => void sshd.kill() }
}
