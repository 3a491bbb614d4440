// Kinds of packages between the standards: X12 103 (`CTN`), UN Rec 21 (`CT`) and the GS1 codes EANCOM adds (`201`).
import type { Package } from './canonical/shipment-notice.js'
import type { Quantity } from './canonical/values.js'
import { PACKAGING } from './edifact/codes.js'
import { PACKAGING as FORMS } from './x12/codes.js'

export type PackageType = NonNullable<Package['type']>
type Unit = Pick<Quantity, 'uom' | 'sourceUom'>

export const REC21 = 'rec21'
export const EANCOM = 'eancom'

/** The unit (Rec 21 with X) a type is counted in; undefined where no list says it. */
function unitOf({ code, scheme }: PackageType): string | undefined {
  const word = scheme === 'x12-103' ? FORMS.word(code) : PACKAGING.word(code)
  return word === undefined || /^(?:x12|edifact):/.test(word) ? undefined : word
}

/** 7065 of a type: its own, or that of the same unit in X12's list. */
export function packageCode(type: PackageType): { code: string; scheme: string } | undefined {
  if (type.scheme !== 'x12-103') return type
  const unit = unitOf(type)
  const code = unit === undefined ? undefined : PACKAGING.code(unit)
  return code === undefined ? undefined : { code, scheme: REC21 }
}

/** 103 of a type of another list. */
export function formCode(type: PackageType): string | undefined {
  const unit = unitOf(type)
  return unit === undefined ? undefined : FORMS.code(unit)
}

const PALLET = 'XPX'
const CARTONS: ReadonlySet<string> = new Set(['XCT', 'XBX', 'XCS', 'XPK', 'XCR'])

/** Whether a type alone says that it is a pallet or a carton. */
export function packageLevel(type: PackageType | undefined): Package['level'] {
  const unit = type === undefined ? undefined : unitOf(type)
  if (unit === undefined) return undefined
  return unit === PALLET ? 'pallet' : CARTONS.has(unit) ? 'carton' : undefined
}

/** Package of no particular kind. */
const ANY_PACKAGE = 'XPK'

/** A type as the unit of a count. */
export function packageUnit(type: PackageType | undefined): Unit {
  if (type === undefined) return { uom: ANY_PACKAGE }
  const uom = unitOf(type) ?? ANY_PACKAGE
  return PACKAGING.code(uom) === type.code && uom !== ANY_PACKAGE
    ? { uom }
    : { uom, sourceUom: type.code }
}

/** The same backwards. */
export function typeOfUnit({ uom, sourceUom }: Unit): PackageType | undefined {
  const isOwn = sourceUom !== undefined && (PACKAGING.word(sourceUom) ?? '').endsWith(uom)
  const code = isOwn || uom === ANY_PACKAGE ? sourceUom : PACKAGING.code(uom)
  if (code === undefined) return undefined
  return { code, scheme: /^\d/.test(code) ? EANCOM : REC21 }
}
