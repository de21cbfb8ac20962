/**
 * The style of the page: no fonts, pictures or scripts from elsewhere. The five states differ in lightness as well as
 * in hue, so that they can be told apart in print and by people who don't see some colours.
 */
export const HTML_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1c232b; --faint: #5b6672; --line: #d9dee4; --card: #f5f7f9;
  --open: #00695f; --maybe: #6fb5ad; --closed: #cfd6de; --filtered: #e3a33c; --unprobed: #a3316f; --empty: #eef1f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --text: #e4e9ee; --faint: #9aa6b2; --line: #2e3640; --card: #1a2028;
    --open: #4fe0cb; --maybe: #2c8c80; --closed: #3b4653; --filtered: #b67b1f; --unprobed: #ea74b3; --empty: #1c232b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif;
  display: flex; flex-direction: column; }
.contents, .overview { order: 1; }
section { order: 2; min-width: 0; }
footer { order: 3; }
[hidden] { display: none !important; }
a { color: inherit; text-decoration-color: var(--faint); overflow-wrap: anywhere; }
.contents ul { columns: 20rem auto; margin: .5rem 0; padding: 0; list-style: none; }
.contents li { break-inside: avoid; padding: .1rem 0; overflow-wrap: anywhere; }
.filter input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .35rem;
  padding: .25rem .6rem; width: min(24rem, 100%); }
.alike h2 { display: inline-block; margin: .75rem 0 0; padding: 0; border: 0; font-size: 1rem; }
.alike details { display: inline; }
.alike details[open] { display: block; }
.alike summary { display: inline; cursor: pointer; color: var(--faint); margin-left: .5rem; }
.matrix { overflow-x: auto; }
.matrix table { width: auto; }
.matrix th, .matrix td { padding: .15rem .4rem; text-align: center; font-size: .85rem; }
.matrix th[scope="row"], .matrix th:first-child { text-align: left; white-space: nowrap; }
.matrix th[scope="col"] { vertical-align: bottom; }
.matrix th[scope="col"] span { writing-mode: vertical-rl; }
.matrix td { font-weight: 400; }
.matrix td.yes { color: var(--open); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
p { margin: .25rem 0; }
.faint { color: var(--faint); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.figures li { flex: 1 1 9rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures strong { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.bar { display: block; width: 100%; height: 14px; border-radius: 7px; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 0; padding: 0; list-style: none; color: var(--faint); font-size: .9rem; }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: .2em; margin-right: .4em; }
.notes { margin: .75rem 0; padding-left: 1.1rem; color: var(--faint); }
.warning { border-left: 4px solid var(--unprobed); background: var(--card); padding: .5rem .9rem; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: .8rem; letter-spacing: .03em; color: var(--faint); }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { font-weight: 600; white-space: nowrap; }
.chart { display: block; width: 100%; height: auto; margin: .75rem 0; }
.chart text { fill: var(--faint); font: 11px system-ui, sans-serif; }
.open { fill: var(--open); background: var(--open); }
.maybe { fill: var(--maybe); background: var(--maybe); }
.closed { fill: var(--closed); background: var(--closed); }
.filtered { fill: var(--filtered); background: var(--filtered); }
.unprobed { fill: var(--unprobed); background: var(--unprobed); }
.empty { fill: var(--empty); background: var(--empty); }
.chart .number { fill: var(--text); font-weight: 600; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--faint); }
@media (max-width: 640px) {
  body { padding: 1.25rem .9rem 3rem; }
  .matrix { display: none; }
  section thead { display: none; }
  section tr { display: block; padding: .35rem 0; border-bottom: 1px solid var(--line); }
  section td { display: inline; padding: 0 .6rem 0 0; border: 0; overflow-wrap: anywhere; }
  .chart { overflow: visible; margin-top: 1.6rem; }
  .chart text { font-size: 36px; transform: translateY(-6px); }
  .chart .number { display: none; }
}
@media print {
  body { display: block; }
  .filter { display: none; }
  :root { color-scheme: light; --page: #fff; --text: #000; --faint: #444; --line: #bbb; --card: #fff;
    --open: #00695f; --maybe: #6fb5ad; --closed: #cfd6de; --filtered: #e3a33c; --unprobed: #a3316f; --empty: #eef1f4; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, .chart, tr, .warning { break-inside: avoid; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
}
`;
