// What a person does about a partner's server that cannot be worked with, told beside the reason.

/** Part of a reason, and what to do about it; the first that fits is told. */
type Remedies = readonly (readonly [RegExp, string])[]

const NETWORK: Remedies = [
  [/ECONNREFUSED/, 'nothing listens there: is the port right, and does their server run?'],
  [/ENOTFOUND|EAI_AGAIN/, 'the name server does not know the host: is it spelt right?'],
]

const AS2: Remedies = [
  ...NETWORK,
  [
    /private network/,
    'if the partner is in your own network: edigw as2 partner set ID --private-network',
  ],
  [/answered 404/, 'their server has no such path: edigw as2 partner set ID --url URL'],
  [
    /decryption-failed/,
    'their certificate here may be the wrong one (edigw as2 cert import ID FILE), or is not the one their system uses now',
  ],
  [
    /authentication-failed/,
    'they know us by another AS2 name or certificate: compare names, and send them edigw as2 cert export STATION',
  ],
]

const SFTP: Remedies = [
  ...NETWORK,
  [
    /not pinned/,
    'ask the partner whether it is theirs; if so edigw sftp connection add ID --host-key KEY',
  ],
  [/refuses our login/, 'is the user right, and has the partner let in our key or password?'],
]

const found = (remedies: Remedies, reason: string, id: string) =>
  remedies.find(([part]) => part.test(reason))?.[1].replace('ID', id)

/** The reason with what to do about it, where that is known. */
export function as2Reason(reason: string, id: string): string {
  const remedy = found(AS2, reason, id)
  return remedy === undefined ? reason : `${reason}; ${remedy}`
}

/** The same of an SFTP connection. */
export function sftpReason(reason: string, id: string): string {
  const remedy = found(SFTP, reason, id)
  return remedy === undefined ? reason : `${reason}; ${remedy}`
}
