// Documents to one interchange: maps and overrides of an agreement, its envelope, given numbers and clock.
import type { Document } from '../edi-maps/canonical/document.js'
import { syntaxOf } from '../edi-maps/syntaxes.js'
import { settingsOf } from '../edi-maps/envelope-settings.js'
import type { Issue } from '../edi-maps/issue.js'
import type { TransactionMap } from '../edi-maps/map.js'
import { agreedOn, findMap, mapOfKind, ready } from '../edi-maps/maps.js'
import type { EnvelopeNumbers, OutgoingTransaction, WriteResult } from '../edi-maps/standard.js'
import { writeTransaction } from '../edi-maps/write.js'
import type { GatewayAgreement } from './agreement.js'
import { agreedDocument } from './agreement-file.js'
import { UsageError } from './command.js'
import { checkNumbers } from './given-numbers.js'

/** `x12:856:004010`, `edifact:DESADV:D96A` or `edifact:DESADV:D:96A:UN:EAN005`. The agreement may name another map for it. A UsageError when there is none. */
export function parseTarget(
  target: string,
  agreement: GatewayAgreement,
): { map: TransactionMap; version: string } {
  const [standard = '', id = '', ...release] = target.split(':')
  const version = release.join(':')
  if (standard !== 'x12' && standard !== 'edifact') {
    throw new UsageError(`--to ${target}: the standard is x12 or edifact`)
  }
  const agreed = agreedDocument(agreement, 'out', id, version)
  const map = findMap(standard, id, agreed?.map ?? version)
  if (map === undefined) throw new UsageError(`--to ${target}: there is no map for that`)
  return { map, version }
}

/**
 * One interchange with all Documents. With an error among the findings the bytes must not be sent. A UsageError when the
 * numbers run over.
 */
export function writeDocuments(
  documents: readonly Document[],
  { map, version }: { map: TransactionMap; version: string },
  agreement: GatewayAgreement,
  numbers: EnvelopeNumbers,
): WriteResult {
  const agreed = agreedDocument(agreement, 'out', map.id, version)
  const issues: Issue[] = []
  const transactions = documents.map((document): OutgoingTransaction => {
    const own = mapOfKind(map, document.kind)
    if (own === undefined) {
      throw new UsageError(
        `a ${document.kind} cannot be written as ${map.id}; it takes a ${map.kind}`,
      )
    }
    const written = writeTransaction(
      document,
      ready(own, agreed && agreedOn(agreement, agreed)),
      agreed?.layout,
    )
    issues.push(...written.issues)
    return {
      type: map.id,
      // The agreement may say more of it than the release: an industry suffix, an association code.
      version: agreed?.version ?? version,
      ...(map.group === undefined ? {} : { group: map.group }),
      segments: written.segments,
    }
  })
  const syntax = syntaxOf(map.standard)
  const written = syntax.writeInterchange(transactions, settingsOf(agreement), numbers)
  checkNumbers(map.standard, numbers, written)
  return { bytes: written.bytes, issues: [...issues, ...written.issues] }
}
