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
  const { postalCode, city, region, country } = address ?? {}
  return {
    role: role === 'depositor' ? `${label(role)} (${role})` : label(role),
    lines: lines(
      name,
      name2,
      ...(address?.lines ?? []),
      joined([postalCode, city, region, country], ' '),
      ...ids.map((id) => capital(numberText(id))),
      ...(references ?? []).map(({ type, value }) => `${label(type)} ${value}`),
      ...(contacts ?? []).map((contact) =>
        joined([contact.name, contact.phone, contact.email, contact.fax && `fax ${contact.fax}`]),
      ),
    ),
  } satisfies PartyBlock
}

/** Name or else number of the first party that has one of the roles, the first role first. */
export function nameOf(parties: readonly Party[], ...roles: readonly string[]): string | undefined {
  for (const role of roles) {
    const party = parties.find((one) => one.role === role)
    const number = party?.ids[0]
    const name =
      party?.name ??
      (number === undefined ? undefined : `the ${phrase(role)} (${numberText(number)})`)
    if (name !== undefined) return name
  }
  return undefined
}

/** `the warehouse Example Warehouse`, or what the envelope calls it. */
export function warehouseName(parties: readonly Party[], envelope: string): string {
  const name = nameOf(parties, 'warehouse', 'shipFrom') ?? envelope
  return name.startsWith('the ') ? name : `the warehouse ${name}`
}
