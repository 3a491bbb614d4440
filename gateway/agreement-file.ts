// An agreement from a file, as far as the commands need it that only read and write documents.
import { Ajv } from 'ajv'
import type { AgreedDocument } from '../edi-maps/agreement.js'
import { agreedOn, isVersion, type Agreed } from '../edi-maps/maps.js'
import { GatewayAgreement } from './agreement.js'
import { UsageError, type Io } from './command.js'
import { edi } from './edi.js'
import { readText } from './edi-input.js'
import { jsonErrorPlace } from './json-place.js'

const ajv = new Ajv({ allErrors: true })
const validate = ajv.compile<GatewayAgreement>(GatewayAgreement)

/** Reads an agreement; one that is not right is a UsageError that says where. */
export async function readAgreementFile(
  path: string,
  io: Pick<Io, 'stdin'>,
): Promise<GatewayAgreement> {
  const text = await readText(path, io)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new UsageError(
      `${path} is no JSON, ${jsonErrorPlace(text)}: ${(error as Error).message}`,
      { cause: error },
    )
  }
  if (validate(body)) {
    const problems = mapProblems(body)
    if (problems.length === 0) return body
    throw new UsageError(`${path}: ${problems.join('; ')}`)
  }
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath === '' ? '/' : instancePath} ${message}`,
  )
  throw new UsageError(`${path} is no agreement: ${problems.join('; ')}`)
}

/**
 * What does not hold in settings, overrides and names of maps. A document without a map is no problem here: only
 * those used need one.
 */
const mapProblems = (agreement: GatewayAgreement): string[] =>
  [
    ...edi.checkSettings(agreement),
    ...agreement.documents.flatMap((document, n) =>
      document.override === undefined && document.map === undefined
        ? []
        : edi
            .checkDocument(agreement, document)
            .map(({ path, text }) => ({ path: `/documents/${n}${path}`, text })),
    ),
  ].map(({ path, text }) => `${path} ${text}`)

/** How the agreement has messages of a partner read; undefined where it says nothing of them. */
export function agreedReading(
  agreement: GatewayAgreement | undefined,
  message: string,
  version: string,
): Agreed | undefined {
  const agreed = agreedDocument(agreement, 'in', message, version)
  return agreement && agreed && agreedOn(agreement, agreed)
}

/** What an agreement says of a message in one direction. */
export function agreedDocument(
  agreement: GatewayAgreement | undefined,
  direction: AgreedDocument['direction'],
  message: string,
  version: string,
): AgreedDocument | undefined {
  return agreement?.documents.find(
    (document) =>
      document.direction === direction &&
      document.message === message &&
      (isVersion(agreement.standard, document.version, version) ||
        isVersion(agreement.standard, version, document.version)),
  )
}
