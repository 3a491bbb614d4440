// Reading a transaction with the map that fits it: what the command line, the gateway and tests call.
import type { Role } from './canonical/message.js'
import { finding, type IssueCode } from './issue.js'
import { findMap, isVersion, knowsSet, mapReleases, MAPS, ready, type Agreed } from './maps.js'
import { readTransaction, type ReadEnvelope, type ReadTrace } from './read.js'
import type { FunctionalAck } from './canonical/document.js'
import type { Interchange, ReadResult, Transaction } from './standard.js'
import { readInterchangeAcks } from './x12/interchange-ack.js'

/**
 * Reads one transaction as agreed, from a sender of that role where the role decides what it is. A set or version there is
 * no map for is a finding. `issues` do not repeat what the envelope found (`transaction.issues`), but an error there too
 * means that there is no document.
 */
export function translate(
  transaction: Transaction,
  envelope: ReadEnvelope,
  agreed: Agreed = {},
  sender?: Role,
  trace?: ReadTrace,
): ReadResult {
  const { standard } = envelope.interchange
  const { type, version, segments } = transaction
  const map = findMap(standard, type, agreed.map ?? version, sender)
  const [first] = segments
  const tell = (code: IssueCode, text: string, expected: string) => {
    const { offset, end, line } = first ?? { offset: 0, end: 0, line: 0 }
    return finding(standard, code, { offset, end, line }, text, {
      ...(first === undefined ? {} : { segment: first.number }),
      segmentIndex: 1,
      ...(first === undefined ? {} : { tag: first.tag }),
      expected,
    })
  }
  const releases = () => [...mapReleases(standard, type)].join(', ')
  const release = version === '' ? 'unknown' : version
  if (map !== undefined) {
    const result = readTransaction(transaction, envelope, ready(map, agreed), trace)
    if (agreed.map !== undefined || isVersion(standard, map.version, version)) return result
    const text = `There is no map for ${type} in version ${release}; it is read as ${map.version}.`
    const issue = tell('release-read-as-another', text, releases())
    return { ...result, issues: [issue, ...result.issues] }
  }
  if (!knowsSet(standard, type)) {
    const known = [...new Set(MAPS.filter((one) => one.standard === standard).map(({ id }) => id))]
    const text = `There is no map for ${type}.`
    return { issues: [tell('transaction-unsupported', text, known.join(', '))] }
  }
  // The release is the group's in X12, which is refused for it as a whole; a message has its own.
  const isOfGroup = standard === 'x12' && envelope.group.version === version
  const code = isOfGroup ? 'group-version-unsupported' : 'transaction-unsupported'
  return { issues: [tell(code, `There is no map for ${type} in version ${release}.`, releases())] }
}

/** Acknowledgements that stand in the envelope itself (TA1), as Documents. */
export function translateInterchangeAcks(interchange: Interchange): FunctionalAck[] {
  return interchange.standard === 'x12' ? readInterchangeAcks(interchange) : []
}
