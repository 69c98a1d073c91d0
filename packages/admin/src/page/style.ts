/** The style of all pages, light and dark. */
export const pageStyle = `:root { color-scheme: light dark; --line: #8884; --muted: #767676; --bad: #c62828; --warn: #a15c00; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --muted: #9a9a9a; --bad: #ff8a80; --warn: #ffb74d; --good: #81c784; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
h1 { font-size: 1.4rem; margin: 0; }
#status { color: var(--muted); margin: 0; }
#status.stale { color: var(--bad); }
section { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--muted); }
th.number, td.number { text-align: right; }
th:last-child, td:last-child { padding-right: 0; }
.state { font-weight: 600; }
.alive { color: var(--good); }
.suspect { color: var(--warn); }
.dead { color: var(--bad); }
.left { color: var(--muted); }
footer { color: var(--muted); display: flex; gap: 1rem; }
`
