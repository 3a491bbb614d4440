// Setting up SFTP accounts and connections, each change with its audit row: what the API and `edigw sftp` both do.
import { Ajv, type ErrorObject } from 'ajv'
import { Type, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import { Carries, Environments } from '../../security/clients.js'
import { hashPassword } from '../../security/password.js'
import { endIdentity, readAgreement, saveIdentity } from '../../store/agreements.js'
import { addAudit } from '../../store/audit.js'
import { findAccount, saveAccount, type SftpAccount } from '../../store/sftp.js'
import type { ConnectionState, SftpConnections } from '../../store/sftp-connections.js'
import type { Work } from '../../store/work.js'
import { anyGlob } from './glob.js'
import { newKeyPair, pinned, publicKey, publicPart } from './keys.js'
import { mayComeFrom } from './login.js'
import type { ConnectionSecrets } from './remote.js'
import { AccountSettings, ConnectionSettings } from './settings.js'

/** The request cannot be met as it is; `path` is a JSON pointer into it. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly path: string

  constructor(path: string, text: string) {
    super(text)
    this.path = path
  }
}

/** A schema as a caller meets it: what has a default may be left out. */
function asGiven<T extends TObject>(schema: T): T {
  const properties = Object.entries(schema.properties).map(
    ([name, property]): [string, TSchema] => [
      name,
      property['type'] === 'object' ? asGiven(property as unknown as TObject) : property,
    ],
  )
  const required = (schema.required ?? []).filter(
    (name) => schema.properties[name]?.['default'] === undefined,
  )
  return { ...schema, properties: Object.fromEntries(properties), required }
}

const WHOM = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'For people.' })),
  carries: Type.Optional(Carries),
  agreement: Type.Optional(
    Type.String({ minLength: 1, description: 'Instead of `carries`: the ids of this agreement.' }),
  ),
  environments: Type.Optional(Environments),
}

/** A partner who logs in to us. What is left out stays as it is; a new account needs `carries` or `agreement`. */
export const AccountRequest = object({
  ...WHOM,
  password: Type.Optional(Type.String({ minLength: 12, maxLength: 200 })),
  keys: Type.Optional(
    Type.Array(Type.String({ minLength: 20, maxLength: 16_000 }), {
      maxItems: 20,
      description: 'Public keys, as in authorized_keys or RFC 4716.',
    }),
  ),
  settings: Type.Optional(asGiven(AccountSettings)),
})
export type AccountRequest = Static<typeof AccountRequest>

/** A server of a partner we log in to. What is left out stays as it is. */
export const ConnectionRequest = object({
  ...WHOM,
  settings: Type.Optional(asGiven(ConnectionSettings)),
  secrets: Type.Optional(
    object({
      password: Type.Optional(Type.String({ minLength: 1 })),
      privateKey: Type.Optional(Type.String({ minLength: 1, description: 'PEM or OpenSSH form.' })),
      passphrase: Type.Optional(Type.String({ minLength: 1 })),
    }),
  ),
  makeKey: Type.Optional(
    Type.Boolean({ description: 'Makes a key pair of ours; the answer has the public key.' }),
  ),
})
export type ConnectionRequest = Static<typeof ConnectionRequest>

const filling = new Ajv({ allErrors: true, useDefaults: true })
const fillAccount = filling.compile<AccountSettings>(AccountSettings)
const fillConnection = filling.compile<ConnectionSettings>(ConnectionSettings)

const refuse = (base: string, errors: readonly ErrorObject[] | null | undefined): never => {
  const [first] = errors ?? []
  throw new SetupError(`${base}${first?.instancePath ?? ''}`, first?.message ?? 'does not hold')
}

/** What `inner` finds wrong with a value, told with its place. */
function checkAt(path: string, inner: () => unknown): void {
  try {
    inner()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new SetupError(path, error.message)
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/

function assertName(id: string): void {
  if (!NAME.test(id))
    throw new SetupError('', `${id}: a name has letters, digits, . _ @ - and at most 63 of them`)
}

/** Creates an account or changes one. Throws SetupError. */
export async function setAccount(
  work: Work,
  connections: Pick<SftpConnections, 'state'>,
  id: string,
  request: AccountRequest,
  actor: string,
): Promise<SftpAccount> {
  assertName(id)
  const known = await findAccount(work, id)
  if (!known && (await connections.state(id, work)))
    throw new SetupError('', `${id} is a connection; an account needs another name`)
  const settings: unknown = structuredClone(request.settings ?? known?.settings ?? {})
  if (!fillAccount(settings)) return refuse('/settings', fillAccount.errors)
  checkAt('/settings/temporary', () => anyGlob(settings.temporary))
  checkAt('/settings/allowFrom', () => mayComeFrom({ settings }, '127.0.0.1'))
  const paths = settings.folders.map((folder) => folder.path)
  if (new Set(paths).size !== paths.length)
    throw new SetupError('/settings/folders', 'two folders have one path')
  request.keys?.forEach((line, n) => checkAt(`/keys/${n}`, () => publicKey(line)))
  const password =
    request.password === undefined ? known?.password : await hashPassword(request.password)
  const account: SftpAccount = {
    name: id,
    keys: request.keys ?? known?.keys ?? [],
    settings,
    active: true,
    ...(password === undefined ? {} : { password }),
  }
  await setIdentity(work, id, request, known !== undefined && known.active, actor)
  await saveAccount(work, account)
  await addAudit(work, {
    actor,
    action: 'sftp-account.set',
    subject: `sftp account ${id}`,
    detail: {
      keys: account.keys.map((line) => publicKey(line).fingerprint),
      password: password !== undefined,
      settings,
    },
  })
  return account
}

/** Nobody logs in with it any more, and what it brought on the way is quarantined. False when there is none. */
export async function endAccount(work: Work, id: string, actor: string): Promise<boolean> {
  const known = await findAccount(work, id)
  if (!known?.active) return false
  await saveAccount(work, { ...known, active: false })
  await endIdentity(work, 'sftp', id)
  await addAudit(work, { actor, action: 'sftp-account.end', subject: `sftp account ${id}` })
  return true
}

/** Creates a connection or changes one. Throws SetupError. */
export async function setConnection(
  work: Work,
  connections: SftpConnections,
  id: string,
  request: ConnectionRequest,
  actor: string,
): Promise<ConnectionState> {
  assertName(id)
  const known = await connections.state(id, work)
  if (!known && (await findAccount(work, id)))
    throw new SetupError('', `${id} is an account; a connection needs another name`)
  const settings: unknown = structuredClone(request.settings ?? known?.settings ?? {})
  if (!fillConnection(settings)) return refuse('/settings', fillConnection.errors)
  checkAt('/settings/hostKeys', () => pinned(settings.hostKeys))
  const { fetch } = settings
  if (fetch) {
    for (const one of ['include', 'exclude', 'temporary'] as const)
      checkAt(`/settings/fetch/${one}`, () => anyGlob(fetch[one]))
    if (fetch.after === 'move' && fetch.archive === undefined)
      throw new SetupError('/settings/fetch/archive', 'is needed to move files there')
  }
  const secrets = secretsOf(id, request)
  if (!secrets && !known)
    throw new SetupError('/secrets', 'a password or a key is needed to log in with')
  await setIdentity(work, id, request, known !== undefined || fetch === undefined, actor)
  await connections.save(work, { id, settings, ...(secrets ? { secrets } : {}) })
  await addAudit(work, {
    actor,
    action: 'sftp-connection.set',
    subject: `sftp connection ${id}`,
    detail: { settings, secrets: Object.keys(secrets ?? {}) },
  })
  return (await connections.state(id, work))!
}

function secretsOf(id: string, request: ConnectionRequest): ConnectionSecrets | undefined {
  const { secrets, makeKey } = request
  if (makeKey) {
    const { password } = secrets ?? {}
    const { privateKey } = newKeyPair(`edigw ${id}`)
    return { privateKey, ...(password === undefined ? {} : { password }) }
  }
  if (!secrets) return undefined
  const { password, privateKey, passphrase } = secrets
  if (password === undefined && privateKey === undefined)
    throw new SetupError('/secrets', 'a password or a key is needed to log in with')
  if (privateKey !== undefined)
    checkAt('/secrets/privateKey', () => publicPart(privateKey, passphrase))
  return secrets
}

/** False when there is none. */
export async function endConnection(
  work: Work,
  connections: Pick<SftpConnections, 'remove'>,
  id: string,
  actor: string,
): Promise<boolean> {
  if (!(await connections.remove(work, id))) return false
  await endIdentity(work, 'sftp', id)
  await addAudit(work, { actor, action: 'sftp-connection.end', subject: `sftp connection ${id}` })
  return true
}

async function setIdentity(
  work: Work,
  id: string,
  request: Static<ReturnType<typeof object<typeof WHOM>>>,
  mayBeAbsent: boolean,
  actor: string,
): Promise<void> {
  const { carries, agreement, environments } = request
  const identity = { channel: 'sftp', id, name: request.name ?? id }
  if (carries) {
    await saveIdentity(
      work,
      { ...identity, carries, environments: environments ?? ['test', 'production'] },
      actor,
    )
  } else if (agreement !== undefined) {
    const agreed = (await readAgreement(work, agreement))?.agreement
    if (!agreed) throw new SetupError('/agreement', `there is no agreement ${agreement}`)
    const pair = { sender: agreed.partner.interchange, receiver: agreed.us.interchange }
    await saveIdentity(
      work,
      { ...identity, carries: [pair], environments: environments ?? [agreed.environment] },
      actor,
    )
  } else if (!mayBeAbsent) {
    throw new SetupError('/carries', 'say which interchanges may come, by carries or agreement')
  }
}
