// Documents to one interchange: maps and overrides of an agreement, its envelope, given numbers and clock.
import { append } from '../edi-maps/append.js'
import { syntaxOf } from '../edi-maps/syntaxes.js'
import { settingsOf } from '../edi-maps/envelope-settings.js'
import { finding, type Issue } from '../edi-maps/issue.js'
import type { LoadedMap } from '../edi-maps/load.js'
import type { TransactionMap } from '../edi-maps/map.js'
import {
  MAPS,
  agreedOn,
  findMap,
  isVersion,
  knowsSet,
  mapOfKind,
  mapReleases,
  ready,
} from '../edi-maps/maps.js'
import type { EnvelopeNumbers, OutgoingTransaction, WriteResult } from '../edi-maps/standard.js'
import { writeTransaction } from '../edi-maps/write.js'
import type { GatewayAgreement } from './agreement.js'
import { agreedDocument } from './agreement-file.js'
import { UsageError } from './command.js'
import { checkNumbers } from './given-numbers.js'
import type { PlacedDocument } from './read-documents.js'
import { checkWritten } from './written-check.js'

/** What is written: its map, and the release as it was asked for. */
interface Target {
  readonly map: TransactionMap
  readonly version: string
  /** That the release has no map of its own. */
  readonly issues: readonly Issue[]
}

/**
 * `x12:856:004010`, `edifact:DESADV:D96A` or `edifact:DESADV:D:96A:UN:EAN005`. The agreement may name another map for it. A
 * UsageError when there is none, with what there is.
 */
export function parseTarget(target: string, agreement: GatewayAgreement): Target {
  const [standard = '', id = '', ...release] = target.split(':')
  const version = release.join(':')
  if (standard !== 'x12' && standard !== 'edifact') {
    throw new UsageError(`--to ${target}: the standard is x12 or edifact`)
  }
  if (!knowsSet(standard, id)) {
    const known = new Set(MAPS.filter((one) => one.standard === standard).map((one) => one.id))
    throw new UsageError(
      `--to ${target}: there is no map for that; there are: ${[...known].join(', ')}`,
    )
  }
  const releases = [...mapReleases(standard, id)].join(', ')
  if ((release[0] ?? '') === '')
    throw new UsageError(`--to ${target} names no release of ${id}; there are: ${releases}`)
  const agreed = agreedDocument(agreement, 'out', id, version)
  const map = findMap(standard, id, agreed?.map ?? version)
  if (map === undefined) {
    throw new UsageError(`--to ${target}: there is no map for that release; there are: ${releases}`)
  }
  if (agreed?.map !== undefined || isVersion(standard, map.version, version))
    return { map, version, issues: [] }
  const text = `There is no map for ${id} in version ${version}; it is written as ${map.version}.`
  const nowhere = { offset: 0, end: 0, line: 0 }
  const more = { expected: releases }
  return {
    map,
    version,
    issues: [finding(standard, 'release-read-as-another', nowhere, text, more)],
  }
}

/** `about`: of several Documents the one a finding of its map is about. */
interface WrittenDocuments extends WriteResult {
  readonly about: ReadonlyMap<Issue, PlacedDocument>
}

/**
 * One interchange with all Documents. With an error among the findings the bytes must not be sent. A UsageError when the
 * numbers run over.
 */
export function writeDocuments(
  documents: readonly PlacedDocument[],
  { map, version, issues: found }: Target,
  agreement: GatewayAgreement,
  numbers: EnvelopeNumbers,
): WrittenDocuments {
  const agreed = agreedDocument(agreement, 'out', map.id, version)
  const issues = [...found]
  const maps: LoadedMap[] = []
  const about = new Map<Issue, PlacedDocument>()
  const transactions = documents.map((placed): OutgoingTransaction => {
    const { document } = placed
    const own = mapOfKind(map, document.kind)
    if (own === undefined) {
      throw new UsageError(
        `a Document of kind ${document.kind} cannot be written as ${map.id}, which takes ${map.kind}`,
      )
    }
    const loaded = ready(own, agreed && agreedOn(agreement, agreed))
    maps.push(loaded)
    const written = writeTransaction(document, loaded, agreed?.layout)
    append(issues, written.issues)
    if (documents.length > 1) for (const issue of written.issues) about.set(issue, placed)
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
  const told = [...issues, ...written.issues]
  const all = checkWritten(written.bytes, told, maps)
  return { bytes: written.bytes, issues: all, about }
}
