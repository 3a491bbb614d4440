// Parties, and the numbers things are known by.
import type { Party, ProductId } from '../canonical/values.js'
import { joined, lines, type PartyBlock } from './page.js'
import { capital, label, phrase } from './wording.js'

/** Who gave a number, where the word alone would not tell. */
const SCHEMES: Readonly<Record<string, string>> = {
  gln: 'GLN',
  duns: 'DUNS',
  duns4: 'DUNS',
  gtin8: 'GTIN',
  gtin12: 'GTIN',
  gtin13: 'GTIN',
  gtin14: 'GTIN',
  upcCase: 'UPC case code',
  buyer: "buyer's no.",
  buyerAssigned: "buyer's no.",
  supplier: "supplier's no.",
  supplierAssigned: "supplier's no.",
  manufacturer: "manufacturer's no.",
  mutual: 'agreed no.',
}

/** `GLN 0614141900015`. */
export const numberText = ({ scheme, value }: ProductId): string =>
  `${Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme]! : phrase(scheme)} ${value}`

export function partyBlock({ role, ids, name, name2, address, contacts, references }: Party) {
  return {
    role: role === 'depositor' ? `${label(role)} (${role})` : label(role),
    lines: lines(
      name,
      name2,
      ...addressLines(address),
      ...ids.map(idText),
      ...(references ?? []).map(({ type, value }) => `${label(type)} ${value}`),
      ...(contacts ?? []).map(contactText),
    ),
  } satisfies PartyBlock
}

/** Sides of a deal that give numbers of their own: which company that is, the document does not say. */
const GIVERS: Readonly<Record<string, string>> = {
  buyerAssigned: 'the ordering side',
  supplierAssigned: 'the supplying side',
}

/** `GLN 0614141900015`, `No. DEP01, given by the ordering side`. */
function idText(id: Party['ids'][number]): string {
  const giver = Object.hasOwn(GIVERS, id.scheme) ? GIVERS[id.scheme] : undefined
  return giver === undefined ? capital(numberText(id)) : `No. ${id.value}, given by ${giver}`
}

/** Countries that write the place before the postal code, with the region between. */
const REGION_FIRST: ReadonlySet<string> = new Set(['US', 'CA', 'AU', 'MX', 'USA', 'CAN'])

/** `12 Example Road`, `Springfield, IL 62701`, `US`; elsewhere `20095 Hamburg`. */
export function addressLines(address: Party['address']): string[] {
  if (address === undefined) return []
  const { postalCode, city, region, country } = address
  const isRegionFirst =
    region !== undefined && (country === undefined || REGION_FIRST.has(country.toUpperCase()))
  return lines(
    ...address.lines,
    isRegionFirst
      ? joined([city, joined([region, postalCode], ' ')])
      : joined([joined([postalCode, city], ' '), region]),
    country,
  )
}

/** `Contact Dock office, tel. 5550100`. */
function contactText({ name, phone, email, fax }: NonNullable<Party['contacts']>[number]): string {
  return joined([
    name && `Contact ${name}`,
    phone && `${name === undefined ? 'Tel.' : 'tel.'} ${phone}`,
    email,
    fax && `fax ${fax}`,
  ])
}

/** All of a party in one line, where it has no place of its own: `Maker: Example Works, GLN 4012345000009`. */
export const partyText = (party: Party): string =>
  `${label(party.role)}: ${joined(partyBlock(party).lines)}`

/** Name or else number of the first party that has one of the roles, the first role first. */
export function nameOf(parties: readonly Party[], ...roles: readonly string[]): string | undefined {
  for (const role of roles) {
    const party = parties.find((one) => one.role === role)
    const number = party?.ids[0]
    const name =
      party?.name ??
      (number === undefined ? undefined : `the ${inSentence(role)} (${numberText(number)})`)
    if (name !== undefined) return name
  }
  return undefined
}

/** Roles whose heading would not be understood within a sentence. */
const SENTENCE: Readonly<Record<string, string>> = {
  shipTo: 'place of delivery',
  shipFrom: 'place of shipping',
  billTo: 'party to be billed',
  remitTo: 'party to be paid',
}

const inSentence = (role: string): string =>
  Object.hasOwn(SENTENCE, role) ? SENTENCE[role]! : phrase(role)

/** `the warehouse Example Warehouse`, or what the envelope calls it. */
export function warehouseName(parties: readonly Party[], envelope: string): string {
  const name = nameOf(parties, 'warehouse', 'shipFrom') ?? envelope
  return name.startsWith('the ') ? name : `the warehouse ${name}`
}
