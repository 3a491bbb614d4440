// How a rendered page looks, on a screen and on paper. Black text and few lines: it is made to be printed.
export const STYLE = `
:root { --ink: #1a1d21; --soft: #5b636d; --line: #d5dae0; --strong: #7c8590; --error: #a51d14; --warning: #8a5a00; }
* { box-sizing: border-box; }
html { font-size: 15px; }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 2rem 4rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1, h2, p, ol, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { font-size: 1rem; font-weight: 600; margin: 2.2rem 0 .5rem; }
section + section { margin-top: 4rem; border-top: 2px solid var(--ink); padding-top: 2rem; }
.contents { margin: 1rem 0 3rem; padding-left: 1.4rem; }
a { color: inherit; text-decoration-color: var(--strong); }
.lead { margin-top: .7rem; font-size: 1.08rem; max-width: 46rem; overflow-wrap: anywhere; }
.notice { margin-top: .7rem; font-weight: 600; color: var(--warning); }
.rejected { color: var(--error); }
.refused { margin-top: .7rem; font-weight: 600; color: var(--error); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .9rem 2rem; margin-top: 1.6rem; }
dt { color: var(--soft); font-size: .8rem; }
dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.parties { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.4rem 2rem; margin-top: 1.8rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
.parties p { overflow-wrap: anywhere; }
.parties .role { color: var(--soft); font-size: .8rem; }
.parties .more { font-size: .87rem; color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 400; font-size: .8rem; vertical-align: bottom; border-bottom: 1px solid var(--strong); }
th, td { padding: .4rem 1.2rem .4rem 0; }
th:last-child, td:last-child { padding-right: 0; }
td { vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td:first-child { padding-left: calc(var(--depth, 0) * 1.5rem); }
td:not(.number):not(:first-child) { min-width: 6.5rem; }
td small { display: block; color: var(--soft); font-size: .84rem; line-height: 1.4; }
.number { text-align: right; white-space: nowrap; }
.number span { display: inline-block; margin-left: .35em; text-align: left; }
.group td { font-weight: 600; border-bottom: 0; padding-bottom: .15rem; }
.group td:not(.number):not(:first-child) { min-width: 6.5rem; }
td small { font-weight: 400; }
.total td { font-weight: 600; border-top: 1px solid var(--strong); }
.sum { width: 24rem; max-width: 100%; margin-left: auto; }
.findings { margin: 1.6rem 0 2rem; }
.finding { border-left: 3px solid var(--warning); padding: .1rem 0 .2rem 1rem; margin-top: 1rem; break-inside: avoid; }
.finding.error { border-color: var(--error); }
.finding h3 { font-size: 1rem; margin: 0; font-weight: 600; }
.finding h3 span { color: var(--warning); }
.finding.error h3 span { color: var(--error); }
.finding dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin-top: .4rem; font-size: .93rem; }
.finding dt { font-size: inherit; }
code { font: .92em/1.5 Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: none; color: var(--error); font-weight: 700; text-decoration: underline; text-underline-offset: .2em; }
.finding.warning mark { color: var(--warning); }
.notes p { max-width: 46rem; }
footer { margin-top: 2.5rem; padding-top: .7rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .8rem; }
footer b { font-weight: 600; }
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; line-height: 1.4; }
  section + section { break-before: page; margin-top: 0; border: 0; padding: 0; }
  h2 { break-after: avoid; }
  tr, .parties > div { break-inside: avoid; }
  thead { display: table-header-group; }
  footer { break-inside: avoid; }
}
`
