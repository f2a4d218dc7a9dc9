import type { Curve } from './cases.ts'

const [WIDTH, HEIGHT] = [760, 460]
const BOX = { left: 80, right: 500, top: 50, bottom: 400 }
const X = [1, 6] as const
const Y = [-1, 5] as const
// Told apart by everyone, in grey too: https://jfly.uni-koeln.de/color/
const COLOURS = ['#d55e00', '#0072b2', '#009e73']

/** The break-even as an SVG: lookups a second of a node over apps, both logarithmic, a line for each choice of TTLs. */
export function plot(curves: readonly Curve[]): string {
  const lines = curves.map(({ title, points }, i) => {
    const colour = COLOURS[i] ?? '#000000'
    const known = points.flatMap(({ apps, uncached }) =>
      uncached === undefined ? [] : [[apps, uncached] as const],
    )
    const path = known.map(([apps, lookups]) => `${x(Math.log10(apps))},${y(Math.log10(lookups))}`).join(' ')
    const dots = known.map(
      ([apps, lookups]) =>
        `<circle cx="${x(Math.log10(apps))}" cy="${y(Math.log10(lookups))}" r="3.5" fill="${colour}"/>`,
    )
    const legend = 90 + 44 * i
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<line x1="520" x2="544" y1="${legend - 4}" y2="${legend - 4}" stroke="${colour}" stroke-width="2"/>`,
      ...title.split(', ').map((part, row) => text(552, legend + 16 * row, part, 'start')),
    ].join('\n')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>From how many lookups a second of a node on the endpoint is cheaper than soketi's own driver</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(BOX.left, 28, 'Above a line the endpoint is cheaper than soketi’s own driver, below it dearer', 'start', 15)}
${decades(X).map(verticalTick).join('\n')}
${decades(Y).map(horizontalTick).join('\n')}
${lines.join('\n')}
${text((BOX.left + BOX.right) / 2, BOX.bottom + 42, 'apps', 'middle')}
<text transform="translate(24 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">lookups a second of a node</text>
${text(520, 70, 'TTLs of apps / misses', 'start')}
</svg>
`
}

const scale = (value: number, [from, to]: readonly [number, number], start: number, end: number) =>
  Math.round((start + ((value - from) / (to - from)) * (end - start)) * 10) / 10
const x = (log: number) => scale(log, X, BOX.left, BOX.right)
const y = (log: number) => scale(log, Y, BOX.bottom, BOX.top)

const decades = ([from, to]: readonly [number, number]) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

const text = (left: number, top: number, content: string, anchor: string, size = 13) =>
  `<text x="${left}" y="${top}" text-anchor="${anchor}" font-size="${size}">${content}</text>`

const verticalTick = (log: number) =>
  `<line x1="${x(log)}" x2="${x(log)}" y1="${BOX.top}" y2="${BOX.bottom}" stroke="#dddddd"/>
${text(x(log), BOX.bottom + 20, (10 ** log).toLocaleString('en'), 'middle')}`

const horizontalTick = (log: number) =>
  `<line x1="${BOX.left}" x2="${BOX.right}" y1="${y(log)}" y2="${y(log)}" stroke="#dddddd"/>
${text(BOX.left - 8, y(log) + 4, (10 ** log).toLocaleString('en'), 'end')}`
