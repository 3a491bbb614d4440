// X12 that is hostile by its size: each shape of `n` things, sound or not.

const ISA = (control = 1, version = '00401', repetition = 'U') =>
  `ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*${repetition}*${version}*${String(control).padStart(9, '0')}*0*P*>~\n`

/** Numbers from 1. */
const each = (n: number, text: (i: number) => string): string => {
  let all = ''
  for (let i = 1; i <= n; i++) all += text(i)
  return all
}

/** One interchange around sets of a functional group. */
const group = (id: string, sets: string, version = '004010') =>
  ISA(1, version === '004010' ? '00401' : '00501', version === '004010' ? 'U' : '^') +
  `GS*${id}*EXSUPPLIER*EXRETAIL*20251230*1416*1*X*${version}~\n${sets}GE*1*1~\nIEA*1*000000001~\n`

const GROUPS: Readonly<Record<string, string>> = {
  856: 'SH',
  810: 'IN',
  214: 'QM',
  945: 'SW',
  997: 'FA',
}

/** One set alone in its interchange. */
const set = (type: string, segments: string, version?: string) =>
  group(GROUPS[type] ?? '', `ST*${type}*0001~\n${segments}SE*9*0001~\n`, version)

const notice = (segments: string, version?: string) =>
  set('856', `BSN*00*SHP-1*20251230*1415~\nHL*1**S~\n${segments}`, version)

const TINY = 'BSN*00*SHP-1*20251230*1415~\nHL*1**S~\nHL*2*1*O~\nPRF*PO-1~\n'

export const X12_SHAPES: Readonly<Record<string, (n: number) => string>> = {
  'ISA of nothing': (n) => each(n, () => 'ISA*\n'),
  'ISA without its interchange': (n) => each(n, (i) => ISA(i)),
  'ISA within words': (n) => each(n, () => 'ISAISA* '),
  'ISA cut short': (n) => each(n, (i) => ISA(i).slice(0, 80)),
  'an ISA, then no terminator': (n) => ISA() + each(n, (i) => `REF*BM*${i}\n`),
  'an ISA, then nothing but blanks': (n) => ISA() + ' '.repeat(10 * n),
  'an ISA, then nothing but terminators': (n) => ISA() + '~'.repeat(10 * n),
  garbage: (n) => each(n, () => 'no EDI at all\n'),
  'terminators that alternate': (n) =>
    each(n, (i) => `${ISA(i).trimEnd().slice(0, -1)}${'~|\x1c'[i % 3]}GS*SH${'~|\x1c'[i % 3]}`),
  'tiny interchanges': (n) =>
    each(n, (i) => `${ISA(i)}GS*SH*A*B*20251230*1416*1*X*004010~\nGE*0*1~\nIEA*1*${i}~\n`),
  groups: (n) =>
    ISA() + each(n, (i) => `GS*SH*A*B*20251230*1416*${i}*X*004010~\nGE*0*${i}~\n`) + 'IEA*1*1~\n',
  'groups that do not end': (n) =>
    ISA() + each(n, (i) => `GS*SH*A*B*20251230*1416*${i}*X*004010~\n`),
  sets: (n) =>
    group(
      'SH',
      each(n, (i) => `ST*856*${i}~\n${TINY}SE*6*${i}~\n`),
    ),
  'sets of one number': (n) =>
    group(
      'SH',
      each(n, () => `ST*856*1~\n${TINY}SE*6*1~\n`),
    ),
  'sets that do not end': (n) =>
    group(
      'SH',
      each(n, (i) => `ST*856*${i}~\n${TINY}`),
    ),
  'sets nobody knows': (n) =>
    group(
      'ZZ',
      each(n, (i) => `ST*999999*${i}~\nSE*2*${i}~\n`),
    ),
  trailers: (n) => ISA() + each(n, (i) => `SE*1*${i}~\nGE*1*${i}~\n`),
  IEA: (n) => ISA() + each(n, (i) => `IEA*1*${i}~\n`),
  TA1: (n) => ISA() + each(n, (i) => `TA1*${i}*251230*1416*A*000~\n`) + 'IEA*0*1~\n',
  'levels, each in the one before': (n) => notice(each(n, (i) => `HL*${i + 1}*${i}*P~\n`)),
  'orders, cartons and articles, each in the one before': (n) =>
    notice(each(n, (i) => `HL*${i + 1}*${i}*${'OTPI'[i % 4]}~\n`)),
  'articles, each in the one before': (n) =>
    notice(each(n, (i) => `HL*${i + 1}*${i}*I~\nLIN**VN*A${i}~\nSN1**1*EA~\n`)),
  'articles in the first level': (n) =>
    notice(each(n, (i) => `HL*${i + 1}*1*I~\nLIN**VN*A${i}~\nSN1**1*EA~\n`)),
  'orders in the first level': (n) => notice(each(n, (i) => `HL*${i + 1}*1*O~\nPRF*PO-${i}~\n`)),
  'cartons in one pallet': (n) =>
    notice(
      'HL*2*1*O~\nPRF*PO-1~\nHL*3*2*T~\n' +
        each(
          n,
          (i) =>
            `HL*${2 * i + 2}*3*P~\nMAN*GM*0034012345000000${i}~\nHL*${2 * i + 3}*${2 * i + 2}*I~\nLIN**VN*A~\nSN1**1*EA~\n`,
        ),
    ),
  'a wide tree': (n) =>
    notice(
      each(n / 10, (o) => {
        const at = 11 * o
        return `HL*${at}*1*O~\nPRF*PO-${o}~\n${each(10, (i) => `HL*${at + i}*${at}*I~\nLIN**VN*A${i}~\nSN1**1*EA~\n`)}`
      }),
    ),
  'levels in ones that are not there': (n) => notice(each(n, (i) => `HL*${i + 1}*${i + 9e6}*O~\n`)),
  'levels of one number': (n) => notice(each(n, () => 'HL*2*1*O~\nPRF*PO-1~\n')),
  'levels nobody knows': (n) => notice(each(n, (i) => `HL*${i + 1}*1*ZZ~\n`)),
  'levels without number': (n) => notice(each(n, () => 'HL~\n')),
  'segments nobody knows': (n) => notice(each(n, (i) => `ZZZ*${i}~\n`)),
  'segments of another set': (n) => notice(each(n, (i) => `IT1*${i}~\n`)),
  'segments in the wrong place': (n) => notice(each(n, () => 'BSN*00*SHP-1*20251230*1415~\n')),
  'segments without tag': (n) => notice(each(n, () => '*A~\n')),
  references: (n) => notice(each(n, (i) => `REF*BM*${i}~\n`)),
  parties: (n) => notice(each(n, (i) => `N1*ST*EXAMPLE ${i}*92*${i}~\nN3*1 EXAMPLE WAY~\n`)),
  'dates that are none': (n) => notice(each(n, () => 'DTM*011*20259999~\n')),
  'codes nobody knows': (n) => notice(each(n, () => 'TD1*ÄÖ*X*Y*Z~\nREF*~\n')),
  'weights that are no numbers': (n) => notice(each(n, () => 'TD1****1*G*TWELVE*LB~\n')),
  'packaging marks': (n) =>
    notice(`HL*2*1*P~\n${each(n, (i) => `MAN*GM*0034012345000000${i}~\n`)}`),
  'articles of one line': (n) => notice(`HL*2*1*I~\n${each(n, (i) => `LIN**VN*A${i}~\n`)}`),
  descriptions: (n) =>
    notice(`HL*2*1*I~\nLIN**VN*A~\nSN1**1*EA~\n${each(n, (i) => `PID*F****ARTICLE ${i}~\n`)}`),
  'elements of a segment': (n) => notice(`REF${each(10 * n, (i) => `*${i}`)}~\n`),
  'elements of LIN': (n) => notice(`HL*2*1*I~\nLIN*${each(5 * n, (i) => `*VN*A${i}`)}~\n`),
  'components of an element': (n) =>
    notice(`REF*BM*1**BM${each(10 * n, (i) => `>${i}`)}~\n`, '005010'),
  'repetitions of an element': (n) => notice(`REF*BM${each(10 * n, (i) => `^${i}`)}~\n`, '005010'),
  'one long element': (n) => notice(`REF*BM*${'A'.repeat(20 * n)}~\n`),
  'one long element of line breaks': (n) => notice(`REF*BM*${'A\n'.repeat(10 * n)}~\n`),
  'binary segments': (n) => notice(each(n, () => 'BIN*3*~~~~\n')),
  'binary segments of a wrong length': (n) => notice(each(n, () => 'BIN*99999999*~~~~\n')),
  'invoice lines': (n) =>
    set('810', `BIG*20251230*INV-1~\n${each(n, (i) => `IT1*${i}*1*EA*1.25**VN*A${i}~\n`)}TDS*1~\n`),
  'invoice lines with wrong amounts': (n) =>
    set(
      '810',
      `BIG*20251230*INV-1~\n${each(n, (i) => `IT1*${i}*1*EA*1.25**VN*A${i}~\nTXI*ST*9*8~\nSAC*A*D240***375~\n`)}TDS*1~\n`,
    ),
  charges: (n) =>
    set(
      '810',
      `BIG*20251230*INV-1~\nIT1*1*1*EA*1.25**VN*A~\nTDS*1~\n${each(n, () => 'SAC*C*D240***375*******06***FREIGHT~\n')}`,
    ),
  reports: (n) =>
    set(
      '214',
      `B10*PRO-1*SHP-1*EXMP~\n${each(n, (i) => `LX*${i}~\nAT7*X6*NS***20251230*1416*LT~\nMS1*SPRINGFIELD*IL*US~\n`)}`,
    ),
  'lines a warehouse has sent': (n) =>
    set(
      '945',
      `W06*F*PICK-1*20260105*SHP-1~\n${each(n, (i) => `LX*${i}~\nW12*CP*12*10*2*CA**VN*A${i}~\n`)}W03*1~\n`,
    ),
  answers: (n) =>
    set(
      '997',
      `AK1*SH*1~\n${each(n, (i) => `AK2*856*${i}~\nAK3*REF*3**8~\nAK4*1*128*7*XX~\nAK5*R*5~\n`)}AK9*R*${n}*${n}*0~\n`,
    ),
}
