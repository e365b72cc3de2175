import { svg } from './dom.js'

const WIDTH = 120
const HEIGHT = 28
const POINTS = 59

/**
 * Draws a line of values, the latest at the right. What it shows is also there as text.
 *
 * @param {readonly number[]} values
 */
export function sparkline(values) {
  const max = Math.max(1, ...values)
  const points = values.map((value, i) => {
    const x = WIDTH - ((values.length - 1 - i) * WIDTH) / POINTS
    return `${x.toFixed(1)},${(HEIGHT - 2 - (value / max) * (HEIGHT - 4)).toFixed(1)}`
  })
  const size = { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' }
  return svg('svg', size, svg('polyline', { points: points.join(' ') }))
}
