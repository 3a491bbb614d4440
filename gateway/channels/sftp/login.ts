// Who is at the door: key or password of an account in the store, never of the operating system. Wrong attempts are slowed
// down, and nothing tells a stranger which accounts exist.
import { BlockList, isIP } from 'node:net'
import { timingSafeEqual } from 'node:crypto'
import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2'
import { verifyPassword } from '../../security/password.js'
import { semaphore } from '../../semaphore.js'
import type { SftpAccount } from '../../store/sftp.js'
import { fingerprint, publicKey } from './keys.js'

/** Counts failures of an origin and says how long it must wait. */
export interface Attempts {
  wait(origin: string): number
  failed(origin: string): void
  succeeded(origin: string): void
}

export interface LoginOptions {
  readonly findAccount: (name: string) => Promise<SftpAccount | undefined>
  readonly attempts: Attempts
  /** Every decision, for the audit. */
  readonly note: (
    action: string,
    account: string,
    detail: Readonly<Record<string, unknown>>,
  ) => void
}

const METHODS = ['publickey', 'password', 'keyboard-interactive'] as const
/** Tries of one connection; OpenSSH's own limit. */
const TRIES = 6
/** Password checks at once: each takes a core and 32 MiB for a moment. */
const CHECKS = 2

/** Makes the doorkeeper of one server. */
export function doorkeeper(options: LoginOptions) {
  const slots = semaphore(CHECKS)
  const { attempts } = options

  /** One connection from `address`. `decide` never rejects: a failure of ours refuses the login and is thrown on to `failed`. */
  return (address: string, failed: (error: unknown) => void) => {
    let tries = 0
    let lastUser = ''
    let keysTried = 0
    let account: SftpAccount | undefined

    const refuse = (context: AuthContext) => context.reject([...METHODS])
    const wrongPassword = (name: string) => {
      attempts.failed(address)
      attempts.failed(`${name} ${address}`)
      options.note('sftp.login-refused', name, { address, method: 'password' })
    }

    const check = async (context: AuthContext): Promise<boolean> => {
      const name = context.username
      lastUser = name
      if (attempts.wait(`${name} ${address}`) > 0 || attempts.wait(address) > 0) {
        if (context.method !== 'none')
          options.note('sftp.login-locked', name, { address, method: context.method })
        return false
      }
      const found = await options.findAccount(name)
      const known = found?.active && mayComeFrom(found, address) ? found : undefined
      switch (context.method) {
        case 'publickey':
          keysTried++
          if (!known || !rightKey(known, context)) return false
          break
        case 'password': {
          if (await slots(() => verifyPassword(context.password, known?.password))) break
          wrongPassword(name)
          return false
        }
        case 'keyboard-interactive': {
          const [given] = await ask(context)
          if (await slots(() => verifyPassword(given ?? '', known?.password))) break
          wrongPassword(name)
          return false
        }
        default:
          return false
      }
      // A key that is only asked about is not a login yet.
      if (context.method === 'publickey' && !context.signature) return true
      account = known
      attempts.succeeded(address)
      attempts.succeeded(`${name} ${address}`)
      options.note('sftp.login', name, {
        address,
        method: context.method,
        ...(context.method === 'publickey' ? { key: fingerprint(context.key.data) } : {}),
      })
      return true
    }

    return {
      /** The account, once logged in. */
      account: () => account,
      /** Answers one authentication request; gives false when the connection should be closed. */
      decide: async (context: AuthContext): Promise<boolean> => {
        if (context.method !== 'none' && ++tries > TRIES) return false
        try {
          if (await check(context)) context.accept()
          else refuse(context)
        } catch (error) {
          refuse(context)
          failed(error)
        }
        return true
      },
      /** The connection is over: keys that led nowhere count as one failure. */
      over: () => {
        if (account || keysTried === 0) return
        attempts.failed(address)
        attempts.failed(`${lastUser} ${address}`)
        options.note('sftp.login-refused', lastUser, { address, method: 'publickey' })
      },
    }
  }
}

function rightKey(account: SftpAccount, context: PublicKeyAuthContext): boolean {
  // For an RSA key the hash tells rsa-sha2-256/512 from the SHA-1 signatures of old clients.
  const hash = context.hashAlgo
  if (
    context.key.algo === 'ssh-rsa' &&
    context.signature &&
    hash === undefined &&
    !account.settings.legacyAlgorithms
  )
    return false
  for (const line of account.keys) {
    const key = publicKey(line)
    const same =
      key.blob.length === context.key.data.length && timingSafeEqual(key.blob, context.key.data)
    if (!same) continue
    if (!context.signature || !context.blob) return true
    return key.parsed.verify(context.blob, context.signature, hash) === true
  }
  return false
}

function ask(context: KeyboardAuthContext): Promise<string[]> {
  return new Promise((resolve, reject) =>
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
      // An aborted request comes as an Error in place of the answers.
      Array.isArray(answers) ? resolve(answers) : reject(new Error('the login was broken off')),
    ),
  )
}

/** Whether `address` is in one of the account's networks. Throws RangeError for a network that is none. */
export function mayComeFrom(account: Pick<SftpAccount, 'settings'>, address: string): boolean {
  const { allowFrom } = account.settings
  if (!allowFrom) return true
  const list = new BlockList()
  for (const network of allowFrom) {
    const [base = '', bits] = network.split('/')
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
    if (isIP(base) === 0) throw new RangeError(`${network} is no address or network`)
    if (bits === undefined) list.addAddress(base, family)
    else list.addSubnet(base, Number(bits), family)
  }
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
