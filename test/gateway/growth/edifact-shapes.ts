// EDIFACT that is hostile by its size: each shape of `n` things, sound or not.

const UNB = (control = 1, syntax = 'UNOC:3') =>
  `UNB+${syntax}+EXSUPPLIER:14+EXRETAIL:14+251230:1416+${control}'\n`

/** Numbers from 1. */
const each = (n: number, text: (i: number) => string): string => {
  let all = ''
  for (let i = 1; i <= n; i++) all += text(i)
  return all
}

const message = (type: string, segments: string, syntax?: string) =>
  `${UNB(1, syntax)}UNH+1+${type}:UN'\n${segments}UNT+9+1'\nUNZ+1+1'\n`

const HEAD = "BGM+351+SHP-1+9'\nDTM+137:20251230:102'\n"
const notice = (segments: string) => message('DESADV:D:96A', `${HEAD}CPS+1'\n${segments}`)
const invoice = (segments: string) =>
  message('INVOIC:D:96A', `BGM+380+INV-1+9'\nDTM+137:20251230:102'\n${segments}`)

export const EDIFACT_SHAPES: Readonly<Record<string, (n: number) => string>> = {
  'UNA of nothing': (n) => each(n, () => 'UNA\n'),
  UNA: (n) => each(n, () => "UNA:+.? '\n"),
  'UNA of other characters': (n) => each(n, (i) => `UNA:+.? ${"'!|"[i % 3]}UNB+A${"'!|"[i % 3]}\n`),
  'UNB of nothing': (n) => each(n, () => 'UNB+\n'),
  'UNB without its interchange': (n) => each(n, UNB),
  'a UNB, then no terminator': (n) => UNB() + each(n, (i) => `RFF+ON:${i}\n`),
  'a UNB, then nothing but terminators': (n) => UNB() + "'".repeat(10 * n),
  'release characters': (n) => notice(`FTX+AAI+++${'?'.repeat(20 * n + 1)}'\n`),
  'released terminators': (n) => notice(`FTX+AAI+++${"?'".repeat(10 * n)}'\n`),
  'tiny interchanges': (n) => each(n, (i) => `${UNB(i)}UNZ+0+${i}'\n`),
  groups: (n) =>
    `${UNB()}${each(n, (i) => `UNG+DESADV+A+B+251230:1416+${i}+UN+D:96A'\nUNE+0+${i}'\n`)}UNZ+1+1'\n`,
  messages: (n) =>
    `${UNB()}${each(n, (i) => `UNH+${i}+DESADV:D:96A:UN'\n${HEAD}UNT+4+${i}'\n`)}UNZ+${n}+1'\n`,
  'messages of one number': (n) =>
    `${UNB()}${each(n, () => `UNH+1+DESADV:D:96A:UN'\n${HEAD}UNT+4+1'\n`)}UNZ+${n}+1'\n`,
  'messages that do not end': (n) =>
    `${UNB()}${each(n, (i) => `UNH+${i}+DESADV:D:96A:UN'\n${HEAD}`)}`,
  'messages nobody knows': (n) =>
    `${UNB()}${each(n, (i) => `UNH+${i}+ZZZZZZ:D:96A:UN'\nUNT+2+${i}'\n`)}`,
  trailers: (n) => UNB() + each(n, (i) => `UNT+1+${i}'\nUNZ+1+${i}'\n`),
  'levels, each in the one before': (n) =>
    notice(each(n, (i) => `CPS+${i + 1}+${i}'\nPAC+1++CT'\n`)),
  'levels in the first one': (n) =>
    notice(each(n, (i) => `CPS+${i + 1}+1'\nPAC+1++CT'\nLIN+${i}++A${i}:SA'\nQTY+12:1'\n`)),
  'levels in ones that are not there': (n) => notice(each(n, (i) => `CPS+${i + 1}+${i + 9e6}'\n`)),
  'levels of one number': (n) => notice(each(n, () => `CPS+2+1'\nPAC+1++CT'\n`)),
  lines: (n) => notice(each(n, (i) => `LIN+${i}++A${i}:SA'\nQTY+12:1:PCE'\n`)),
  'lines of orders': (n) =>
    notice(each(n, (i) => `LIN+${i}++A${i}:SA'\nQTY+12:1:PCE'\nRFF+ON:PO-${i}'\n`)),
  packages: (n) => notice(each(n, () => "PAC+1++CT'\n")),
  'packages of very many pieces': (n) => notice(each(n, () => "PAC+99999999++CT'\n")),
  marks: (n) => notice(`PAC+1++CT'\n${each(n, (i) => `PCI+33E'\nGIN+BJ+3401234500000${i}'\n`)}`),
  'serial numbers': (n) =>
    notice(
      `PAC+1++CT'\nPCI+33E'\n${each(n, (i) => `GIN+BJ+3401234500000${i}+3401234599999${i}'\n`)}`,
    ),
  'serial numbers of a line': (n) =>
    notice(`LIN+1++A:SA'\nQTY+12:1'\n${each(n, (i) => `GIN+BN+${i}:${i + 3}'\n`)}`),
  'more numbers of a line': (n) => notice(`LIN+1++A:SA'\n${each(n, (i) => `PIA+1+${i}:SA'\n`)}`),
  parties: (n) => message('DESADV:D:96A', HEAD + each(n, (i) => `NAD+DP+${i}::9++Example ${i}'\n`)),
  references: (n) =>
    message('DESADV:D:96A', HEAD + each(n, (i) => `RFF+ON:${i}'\nDTM+171:20251230:102'\n`)),
  texts: (n) => notice(`LIN+1++A:SA'\n${each(n, (i) => `FTX+AAI+++Text ${i}'\n`)}`),
  'dates that are none': (n) =>
    message('DESADV:D:96A', HEAD + each(n, () => "DTM+11:20259999:102'\n")),
  'segments nobody knows': (n) => notice(each(n, (i) => `ZZZ+${i}'\n`)),
  'segments in the wrong place': (n) => notice(each(n, () => "BGM+351+SHP-1+9'\n")),
  'elements of a segment': (n) => notice(`PAC${each(10 * n, (i) => `+${i}`)}'\n`),
  'components of an element': (n) => notice(`PAC+1${each(10 * n, (i) => `:${i}`)}'\n`),
  'repetitions of an element': (n) =>
    message('DESADV:D:96A', `${HEAD}RFF+ON${each(10 * n, (i) => `*${i}`)}'\n`, 'UNOC:4'),
  'one long element': (n) => notice(`FTX+AAI+++${'A'.repeat(20 * n)}'\n`),
  'invoice lines': (n) =>
    invoice(
      `${each(n, (i) => `LIN+${i}++A${i}:SA'\nQTY+47:1'\nMOA+203:1.25'\nPRI+AAA:1.25'\n`)}UNS+S'\nMOA+77:1'\n`,
    ),
  taxes: (n) =>
    invoice(
      `LIN+1++A:SA'\nQTY+47:1'\nUNS+S'\nMOA+77:1'\n${each(n, (i) => `TAX+7+VAT+++:::${i % 90}+S'\nMOA+124:1'\n`)}`,
    ),
  charges: (n) =>
    invoice(`${each(n, () => "ALC+A++++TD'\nMOA+8:1'\n")}LIN+1++A:SA'\nUNS+S'\nMOA+77:1'\n`),
  reports: (n) =>
    message(
      'IFTSTA:D:96A',
      `BGM+44+IFS-1+9'\n${each(n, (i) => `CNI+${i}+CONS-${i}'\nSTS+1+21'\nDTM+334:202512301416:203'\n`)}`,
    ),
  answers: (n) =>
    message(
      'CONTRL:D:3',
      `UCI+1+A+B+4'\n${each(n, (i) => `UCM+${i}+DESADV:D:96A:UN+4'\nUCS+3+13'\nUCD+13+1'\n`)}`,
    ),
  'errors of an application': (n) =>
    message(
      'APERAK:D:96A',
      `BGM++APE-1+27'\n${each(n, (i) => `ERC+${i}'\nFTX+AAO+++Text ${i}'\n`)}`,
    ),
}
