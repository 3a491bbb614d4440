// What a page for people consists of, whatever kind of document it shows. How it looks, and that nothing in it can harm
// a terminal or a browser, is the printer's business: texts are as they came.

/** Lines of one cell: the first is what it is about, the others tell more. */
export type Cell = string | readonly string[]

export interface Row {
  readonly cells: readonly Cell[]
  /** How deep it stands in a tree, from 0. */
  readonly depth?: number
  /** `group`: what follows deeper is in it. `total`: the sum of what stands above. */
  readonly kind?: 'group' | 'total'
}

export interface Column {
  readonly title: string
  /** Aligned right. */
  readonly numeric?: true
  /** Not shown where no row has a text for it. */
  readonly optional?: true
}

export interface Table {
  readonly caption: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

export type Fact = readonly [label: string, value: string]

/** Somebody the document names: role, then name, address and numbers, a line each. */
export interface PartyBlock {
  readonly role: string
  readonly lines: readonly string[]
}

/** What each kind of document has of its own on its page. */
export interface Content {
  readonly title: string
  /** What the document says or asks, as a person would say it, in one or two sentences. */
  readonly lead: string
  /** What the reader does with it, where it may be used. */
  readonly todo?: string
  readonly facts: readonly Fact[]
  readonly tables: readonly Table[]
}

export interface Page extends Content {
  /** What makes it no ordinary document: a cancellation, a test. */
  readonly notices: readonly string[]
  readonly parties: readonly PartyBlock[]
  readonly notes: readonly string[]
  /** Words of the trade that stand on the page. */
  readonly glossary: readonly Fact[]
  /** Where it came from: standard, kind, control numbers. */
  readonly source: string
}

/** Facts that have a value. */
export const facts = (all: readonly (readonly [string, string | undefined])[]): Fact[] =>
  all.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [[label, value] as const],
  )

/** The texts there are, with something between them. */
export const joined = (parts: readonly (string | undefined)[], between = ', '): string =>
  parts.filter((part) => part !== undefined && part !== '').join(between)

/** Columns of a table with a text in them, and those that are always shown; `at` is their place in a row. */
export const shownColumns = ({ columns, rows }: Table): (Column & { readonly at: number })[] =>
  columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ optional, at }) => optional !== true || rows.some(({ cells }) => hasText(cells[at])))

export const linesOf = (cell: Cell = []): readonly string[] =>
  typeof cell === 'string' ? [cell] : cell

export const hasText = (cell: Cell | undefined): boolean =>
  linesOf(cell).some((line) => line !== '')

/** `1,200 mm` → number and unit, so that numbers can be aligned; a text without number is all unit. */
export function inUnits(text: string): readonly [number: string, unit: string] {
  const [, number = '', unit = ''] = /^(-?[\d,]*\.?\d*)(?: (.*))?$/.exec(text) ?? ['', '', text]
  return [number, unit]
}

/** The lines there are. */
export const lines = (...parts: readonly (string | undefined)[]): string[] =>
  parts.filter((part): part is string => part !== undefined && part !== '')
