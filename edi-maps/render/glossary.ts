// Words of the trade, explained where they stand on a page.
import type { Fact, Page } from './page.js'

const WORDS: readonly Fact[] = [
  ['SSCC', 'number of one package, on the barcode label that is on it'],
  ['GTIN', 'article number, as in the barcode on the goods'],
  ['GLN', 'number of a company or place, given by GS1'],
  ['DUNS', 'number of a company, given by Dun & Bradstreet'],
  ['SCAC', 'four letters for a carrier in North America'],
  ['PRO number', "the carrier's number for a shipment"],
  ['Bill of lading', 'paper that goes with the freight; its number names the shipment'],
  ['Lot', 'goods made together'],
  ['DAP', 'delivered at place: the seller brings the goods to the place that is named'],
  ['Group of documents', 'documents of one kind within a file'],
  [
    'Control number',
    'number by which a sender counts what he sends: the file, a group, a document',
  ],
  ['Interchange', 'an EDI file with its envelope'],
]

/** The words that occur in the texts of a page. */
export function glossaryOf(page: Omit<Page, 'glossary'>): Fact[] {
  // Where it came from stands on every page, and needs no words explained.
  const text = JSON.stringify({ ...page, source: '' })
  return WORDS.filter(([word]) => new RegExp(`\\b${word}\\b`, 'i').test(text))
}
