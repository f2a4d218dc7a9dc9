import type { Curve } from './cost-report.ts'

const [WIDTH, HEIGHT] = [760, 460]
const BOX = { left: 80, right: 540, top: 50, bottom: 400 }
const X = [1, 5] as const
const Y = [-1, 5] as const
// Colors that color-blind readers can tell apart, also in grey: https://jfly.uni-koeln.de/color/
const COLOURS = ['#d55e00', '#0072b2', '#009e73']

/** The break-even as an SVG: lookups per second and node by number of apps, both logarithmic, a line for each setting. */
export function plot(curves: readonly Curve[]): string {
  const lines = curves.map(({ title, points }, i) => {
    const known = points.flatMap(({ apps, lookupsPerSecond = 0 }) =>
      lookupsPerSecond > 0 ? [`${x(Math.log10(apps))},${y(Math.log10(lookupsPerSecond))}`] : [],
    )
    const top = 90 + 24 * i
    return `<g stroke="${COLOURS[i]}" stroke-width="2" fill="none"><polyline points="${known.join(' ')}"/><path d="M560 ${top - 4}h24"/></g>
${text(592, top, title)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>The lookups a second of a node above which the endpoint is cheaper than soketi's own driver</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(BOX.left, 28, 'Above a line the endpoint is cheaper than soketi’s own driver')}
${decades(X)
  .map(
    (log) =>
      `${grid(`M${x(log)} ${BOX.top}V${BOX.bottom}`)}${text(x(log), BOX.bottom + 20, power(log), 'middle')}`,
  )
  .join('\n')}
${decades(Y)
  .map(
    (log) =>
      `${grid(`M${BOX.left} ${y(log)}H${BOX.right}`)}${text(BOX.left - 8, y(log) + 4, power(log), 'end')}`,
  )
  .join('\n')}
${lines.join('\n')}
${text((BOX.left + BOX.right) / 2, BOX.bottom + 42, 'apps', 'middle')}
<text transform="translate(24 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">lookups a second of a node</text>
</svg>
`
}

const place = (log: number, [from, to]: readonly [number, number], start: number, end: number) =>
  Math.round((start + ((log - from) / (to - from)) * (end - start)) * 10) / 10
const x = (log: number) => place(log, X, BOX.left, BOX.right)
const y = (log: number) => place(log, Y, BOX.bottom, BOX.top)
const decades = ([from, to]: readonly [number, number]) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
const power = (log: number) => (10 ** log).toLocaleString('en')
const grid = (path: string) => `<path d="${path}" stroke="#dddddd"/>`
const text = (left: number, top: number, content: string, anchor = 'start') =>
  `<text x="${left}" y="${top}" text-anchor="${anchor}">${content}</text>`
