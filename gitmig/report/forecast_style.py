"""What the forecast's page has beyond report/page.py.  It is complete without the script, which spares key strokes.

Contrast of every text against its ground is at least 4.5 to 1 in both schemes; a mark has a sign and words beside its
colour.
"""

from __future__ import annotations

STYLE = """
body { max-width: 80rem; }
:root {
  --clean: #dafbe1; --clean-text: #0b4a1c; --heads: #eef1f5; --heads-text: #3d444d;
  --commute: #ddf4ff; --commute-text: #0a3069; --unknown: #fff8c5; --unknown-text: #5c3d00;
  --conflict: #ffebe9; --conflict-text: #86061d; --broken: #86061d; --broken-text: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --clean: #0f3a1d; --clean-text: #aff5b4; --heads: #21262d; --heads-text: #c9d1d9;
    --commute: #0c2d4d; --commute-text: #b6dcff; --unknown: #3d2e00; --unknown-text: #f8e3a1;
    --conflict: #4c1318; --conflict-text: #ffc9c4; --broken: #ffb3ad; --broken-text: #3a0509;
  }
}
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 0.6rem 0.8rem;
  overflow-x: auto; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding: 0; margin: 0.75rem 0 0; }
.matrix-box { max-height: 85vh; padding-bottom: 0.5rem; }
.order tbody th { font-weight: 600; overflow-wrap: anywhere; } .number { text-align: right; }
.mark { display: inline-block; border-radius: 1rem; padding: 0 0.6rem; white-space: nowrap; }
.matrix { border-collapse: separate; border-spacing: 0; width: auto; }
.matrix th, .matrix td { border: 0; border-right: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.matrix thead th { position: sticky; top: 0; z-index: 2; background: var(--raised); vertical-align: bottom;
  padding: 0.4rem 0.1rem; }
.matrix thead th > span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 13rem; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; font-weight: 600; font-size: 0.85rem; }
.matrix thead th:first-child { left: 0; z-index: 3; padding: 0.4rem 0.6rem; }
.matrix tbody th { position: sticky; left: 0; z-index: 1; background: var(--raised); white-space: nowrap;
  max-width: 18rem; overflow: hidden; text-overflow: ellipsis; font-size: 0.9rem; }
.matrix td { position: relative; width: 2rem; min-width: 2rem; height: 2rem; padding: 0; text-align: center;
  vertical-align: middle; font-weight: 600; }
.matrix td:focus-visible { outline: 3px solid var(--link); outline-offset: -2px; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.matrix td:is(:focus, :hover) { z-index: 4; }
.matrix td:is(:focus, :hover) > .said { left: 50%; top: 100%; width: max-content; max-width: min(24rem, 60vw);
  height: auto; clip-path: none; white-space: normal; padding: 0.4rem 0.6rem; text-align: left; font-weight: 400;
  font-size: 0.85rem; color: var(--text); background: var(--ground); border: 1px solid var(--quiet);
  border-radius: 6px; pointer-events: none; }
.matrix td.late:is(:focus, :hover) > .said { left: auto; right: 50%; }
.matrix tr.low td:is(:focus, :hover) > .said { top: auto; bottom: 100%; }
.clean { background: var(--clean); color: var(--clean-text); }
.heads, .collides { background: var(--heads); color: var(--heads-text); }
.collides { background: var(--unknown); color: var(--unknown-text); }
.commute { background: var(--commute); color: var(--commute-text); }
.unknown, .undecided { background: var(--unknown); color: var(--unknown-text); }
.conflict, .conflicts { background: var(--conflict); color: var(--conflict-text); }
.broken { background: var(--broken); color: var(--broken-text); }
.self { background: var(--raised); }
.legend { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; padding: 0; margin: 0.5rem 0; list-style: none;
  font-size: 0.9rem; }
.legend span { display: inline-block; min-width: 1.6rem; text-align: center; font-weight: 600; border-radius: 4px;
  margin-right: 0.35rem; }
details { border: 1px solid var(--line); border-radius: 6px; padding: 0.4rem 0.7rem; margin: 0.4rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; } details ul { margin: 0.4rem 0; padding-left: 1.2rem; }
svg .id { font: 11px ui-monospace, monospace; fill: var(--quiet); }
svg .way { stroke: var(--quiet); fill: none; stroke-width: 1.5; } svg .dot { fill: var(--text); }
svg .new { fill: var(--link); } svg .arc { fill: none; stroke-width: 2; }
svg .arc.conflict, svg .arc.broken { stroke: var(--conflict-text); }
svg .arc.unknown { stroke: var(--unknown-text); stroke-dasharray: 5 4; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) { .mark, .legend span { border: 1px solid; } svg text { fill: CanvasText; }
  svg .dot, svg .new { fill: CanvasText; } svg .way, svg .arc { stroke: CanvasText; } }
@media print { .scroll, .matrix-box { overflow: visible; max-height: none; } nav, .skip { display: none; } }
"""

# One cell of the matrix is in the tab order, the arrow keys move between them.
SCRIPT = """
const table = document.querySelector('table.matrix');
if (table) {
  const rows = [...table.tBodies[0].rows].map(row => [...row.cells].slice(1));
  const all = rows.flat();
  all.forEach(cell => { cell.tabIndex = -1; });
  const first = all.find(cell => cell.dataset.said) || all[0];
  if (first) first.tabIndex = 0;
  table.addEventListener('keydown', event => {
    const y = rows.findIndex(row => row.includes(event.target));
    if (y < 0) return;
    const x = rows[y].indexOf(event.target);
    const last = rows[y].length - 1;
    const to = { ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1],
      Home: [y, 0], End: [y, last] }[event.key];
    const cell = to && rows[to[0]] && rows[to[0]][to[1]];
    if (!cell) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  });
}
"""
