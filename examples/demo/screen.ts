import type { Side } from './side.js'

/** What is drawn. */
export interface Picture {
  title: string
  /** Of what is under the title. */
  details: string
  /** The address of the live page. */
  page: string | undefined
  elapsedMs: number
  totalMs: number
  sides: readonly Side[]
  /** The name of a version, such as v3. */
  versionName(versionId: string): string
}

const terminal = process.stdout.isTTY === true
const colours = terminal && process.env.NO_COLOR === undefined
const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = (text: string): string => paint(1, text)
const dim = (text: string): string => paint(2, text)
const green = (text: string): string => paint(32, text)
const red = (text: string): string => paint(31, text)
const versionColours = [36, 35, 33, 34, 32, 31]

const labelWidth = 22
const sideWidth = 36
const eventsShown = 9

/** Draws the demo over and over on a terminal; elsewhere it prints a line a second, and the events as they come. */
export class Screen {
  readonly #events: string[] = []
  readonly #startedAt = performance.now()
  #linesDrawn = 0
  #queriesBefore: number[] = []
  #drawnAt = 0

  get elapsedMs(): number {
    return performance.now() - this.#startedAt
  }

  /** Something has happened; returns the line that tells it. */
  tell(what: string): string {
    const line = `${(this.elapsedMs / 1_000).toFixed(1).padStart(6)} s  ${what}`
    this.#events.push(line)
    if (!terminal) console.log(line)
    return line
  }

  draw(picture: Picture): void {
    const now = performance.now()
    const seconds = (now - this.#drawnAt) / 1_000
    const rates = picture.sides.map(({ queries }, n) => Math.round((queries - (this.#queriesBefore[n] ?? 0)) / seconds))
    this.#queriesBefore = picture.sides.map(({ queries }) => queries)
    this.#drawnAt = now
    if (terminal) this.#redraw([...head(picture), ...table(picture, rates), '', ...this.#lastEvents()])
    else console.log(plainLine(picture, rates))
  }

  /** What came of it. */
  end(picture: Picture): void {
    const rates = picture.sides.map(({ queries }) => Math.round((queries / picture.elapsedMs) * 1_000))
    if (terminal) this.#redraw([...head(picture), ...this.#lastEvents()])
    console.log(['', ...table(picture, rates), row('errors', picture.sides, side => errorsOf(side)), ''].join('\n'))
  }

  #lastEvents(): string[] {
    const shown = this.#events.slice(-eventsShown)
    return [...shown.map(dim), ...Array<string>(eventsShown - shown.length).fill('')]
  }

  #redraw(lines: string[]): void {
    const up = this.#linesDrawn > 0 ? `\u001b[${this.#linesDrawn}F` : ''
    process.stdout.write(`${up}${lines.map(line => `\u001b[2K${line}`).join('\n')}\n\u001b[J`)
    this.#linesDrawn = lines.length
  }
}

function head({ title, details, page, elapsedMs, totalMs }: Picture): string[] {
  const part = Math.min(1, elapsedMs / totalMs)
  const bar = `${'█'.repeat(Math.round(part * 30))}${dim('░'.repeat(30 - Math.round(part * 30)))}`
  return [
    '',
    `  ${bold('awscurrent')}  ${title}  ${bar}  ${(elapsedMs / 1_000).toFixed(0)} of ${totalMs / 1_000} s`,
    `  ${dim(details)}`,
    ...(page === undefined ? [] : [`  Live, with buttons: ${bold(page)}`]),
    '',
  ]
}

function table(picture: Picture, rates: readonly number[]): string[] {
  const { sides } = picture
  return [
    row(
      '',
      sides,
      ({ name }) => bold(name),
      ({ name }) => name.length,
    ),
    row('queries a second', sides, (_, n) => grouped(rates[n] ?? 0)),
    row('queries', sides, ({ queries }) => grouped(queries)),
    row(
      'failed queries',
      sides,
      ({ failures }) => (failures === 0 ? green('0') : red(grouped(failures))),
      ({ failures }) => grouped(failures).length,
    ),
    row(
      'connections',
      sides,
      side => connectionsOf(side, picture, true),
      side => connectionsOf(side, picture, false).length,
    ),
  ]
}

function row(
  label: string,
  sides: readonly Side[],
  cell: (side: Side, n: number) => string,
  length?: (side: Side) => number,
): string {
  const cells = sides.map((side, n) => {
    const text = cell(side, n)
    return text + ' '.repeat(Math.max(0, sideWidth - (length?.(side) ?? text.length)))
  })
  return `  ${label.padEnd(labelWidth)}${cells.join('')}`.trimEnd()
}

function connectionsOf(side: Side, { versionName }: Picture, inColour: boolean): string {
  const counts = [...side.connections()].map(([version, count]) => ({ name: versionName(version), count }))
  counts.sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
  return counts
    .map(({ name, count }) => {
      const text = `${name} ${'■'.repeat(count)}`
      return inColour ? paint(versionColours[Number(name.slice(1)) % versionColours.length] ?? 0, text) : text
    })
    .join(' ')
}

function errorsOf({ errors }: Side): string {
  return [...errors].map(([code, count]) => `${grouped(count)} × ${code}`).join(', ') || 'none'
}

function plainLine(picture: Picture, rates: readonly number[]): string {
  const time = `${(picture.elapsedMs / 1_000).toFixed(1).padStart(6)} s`
  const sides = picture.sides.map((side, n) => {
    const connections = [...side.connections()]
      .map(([version, count]) => `${count} of ${picture.versionName(version)}`)
      .join(', ')
    return `${side.name}: ${grouped(rates[n] ?? 0)} queries/s, ${grouped(side.failures)} failed, connections: ${connections}`
  })
  return `${time}  ${sides.join(' | ')}`
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}
