// Rows of a comparison as a table: our rate over the peer's beside what it must be and what it should be.

const times = (ratio) => (ratio === undefined ? '' : `${ratio.toFixed(ratio < 10 ? 1 : 0)}x`)

const verdict = ({ same, met, must, aim, ratio, sum }, ours) => {
  if (!same) return `MISSED: checksum ${sum}, ours ${ours.sum}`
  if (must === undefined) return ''
  return met ? (aim !== undefined && ratio >= aim ? 'aim met' : 'met') : 'MISSED'
}

const WIDTHS = [24, 8, 8, 8, 8]
const line = ([name, ...cells], last) =>
  `  ${name.padEnd(WIDTHS[0])}${cells.map((cell, k) => cell.padStart(WIDTHS[k + 1])).join('')}  ${last}`

/** @param {import('./compare.mjs').Row[]} rows of one job, ours first */
export function printRows(rows) {
  const [ours] = rows
  console.log(`\n${ours.job}`)
  console.log(line(['', 'MB/s', 'ratio', 'must', 'aim'], '').trimEnd())
  for (const row of rows) {
    const { name, mbPerCpuSecond, ratio, must, aim } = row
    const cells = [mbPerCpuSecond.toFixed(1), times(ratio), times(must), times(aim)]
    console.log(line([name, ...cells], verdict(row, ours)).trimEnd())
  }
}
