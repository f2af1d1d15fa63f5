const namespace = 'http://www.w3.org/2000/svg'

/** A line over the last minute, and behind it the windows of rotations. */
export class Chart {
  #svg
  #line
  #highest

  /**
   * @param {Element} svg
   * @param {number} highest What the top of the chart stands for at least.
   */
  constructor(svg, highest) {
    this.#svg = svg
    this.#highest = highest
    this.#line = document.createElementNS(namespace, 'polyline')
    svg.append(this.#line)
  }

  /**
   * The newest value is at the right.
   *
   * @param {readonly { value: number, inWindow: boolean }[]} points
   */
  draw(points) {
    const top = Math.max(this.#highest, ...points.map(({ value }) => value)) * 1.1
    const x = (/** @type {number} */ index) => 120 - points.length + index
    this.#line.setAttribute('points', points.map(({ value }, index) => `${x(index)},${100 - (value / top) * 99}`).join(' '))
    const bands = points.flatMap(({ inWindow }, index) => (inWindow ? [band(x(index))] : []))
    this.#svg.replaceChildren(...bands, this.#line)
  }
}

/** @param {number} x */
function band(x) {
  const rect = document.createElementNS(namespace, 'rect')
  for (const [name, value] of Object.entries({ x: x - 1, y: 0, width: 1, height: 100 })) rect.setAttribute(name, String(value))
  return rect
}
