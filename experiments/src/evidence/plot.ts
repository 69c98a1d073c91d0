/** Plots as SVG text: lines, points, steps and models over linear or logarithmic axes. Readable on light and dark pages. */
import { type Axis, type AxisOptions, axis } from './axis.ts'

/** One thing drawn. `points` in ascending order of x for anything but points. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  /** `line` (default) joins, `points` does not, `step` goes up at each point, `model` is dashed. */
  readonly style?: 'line' | 'points' | 'step' | 'model'
}

/** What a plot shows. */
export interface PlotOptions {
  readonly title: string
  readonly x: AxisOptions
  readonly y: AxisOptions
  readonly series: readonly Series[]
}

const WIDTH = 760
const HEIGHT = 440
const frame = { left: 70, right: 740, top: 40, bottom: 330 }
/** Told apart by people who see few colours, too (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#7f7f7f']

/** Draws it. */
export function plot({ title, x, y, series }: PlotOptions): string {
  const all = series.flatMap(({ points }) => points)
  const across = axis(
    x,
    all.map(([value]) => value),
    frame.left,
    frame.right,
  )
  const up = axis(
    y,
    all.map(([, value]) => value),
    frame.bottom,
    frame.top,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(frame.left, 22, title, 'font-size="15" font-weight="bold"'),
    ...grid(across, up),
    ...series.map((each, index) => draw(each, colours[index % colours.length]!, across, up)),
    ...legend(series),
    '</svg>',
    '',
  ].join('\n')
}

function grid(across: Axis, up: Axis): string[] {
  const { left, right, top, bottom } = frame
  return [
    ...across.ticks.flatMap(({ at, label }) => [
      `<path d="M${round(at)} ${top}V${bottom}" stroke="#e5e5e5"/>`,
      text(at, bottom + 17, label, 'text-anchor="middle"'),
    ]),
    ...up.ticks.flatMap(({ at, label }) => [
      `<path d="M${left} ${round(at)}H${right}" stroke="#e5e5e5"/>`,
      text(left - 7, at + 4, label, 'text-anchor="end"'),
    ]),
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#444444"/>`,
    text((left + right) / 2, bottom + 36, across.label, 'text-anchor="middle"'),
    text(0, 0, up.label, `text-anchor="middle" transform="translate(16 ${(top + bottom) / 2}) rotate(-90)"`),
  ]
}

function draw({ points, style = 'line' }: Series, colour: string, across: Axis, up: Axis): string {
  const places = points
    .map(([x, y]) => [across.place(x), up.place(y)] as const)
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  if (style === 'points')
    return places.map(([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="3.2" fill="${colour}"/>`).join('')
  const path = places
    .map(([x, y], index) => {
      if (index === 0) return `M${round(x)} ${round(y)}`
      return style === 'step' ? `H${round(x)}V${round(y)}` : `L${round(x)} ${round(y)}`
    })
    .join('')
  const dashes = style === 'model' ? ' stroke-dasharray="6 4"' : ''
  const dots =
    style === 'line'
      ? places.map(([x, y]) => `<circle cx="${round(x)}" cy="${round(y)}" r="2.6" fill="${colour}"/>`)
      : []
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.7"${dashes}/>${dots.join('')}`
}

/** Three to a row below the plot. */
function legend(series: readonly Series[]): string[] {
  return series.map(({ name, style = 'line' }, index) => {
    const x = frame.left + (index % 3) * 225
    const y = frame.bottom + 58 + Math.floor(index / 3) * 18
    const colour = colours[index % colours.length]!
    const dashes = style === 'model' ? ' stroke-dasharray="6 4"' : ''
    const mark =
      style === 'points'
        ? `<circle cx="${x + 11}" cy="${y - 4}" r="3.2" fill="${colour}"/>`
        : `<path d="M${x} ${y - 4}h22" stroke="${colour}" stroke-width="1.7"${dashes}/>`
    return mark + text(x + 28, y, name)
  })
}

const round = (value: number): string => String(Math.round(value * 10) / 10)

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}" fill="#222222" ${more}>${escaped(content)}</text>`

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
