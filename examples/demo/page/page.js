import { Chart } from './chart.js'

/** @typedef {import('../state.js').State} State */
/** @typedef {import('../state.js').Sample} Sample */

const samplesShown = 120
const eventsShown = 100
const coloursOfVersions = 6

/** @param {string} id */
const byId = id => /** @type {HTMLElement} */ (document.getElementById(id))
/** @param {number} count */
const grouped = count => count.toLocaleString('en')

const status = byId('status')
const log = byId('log')
const buttons = [...document.querySelectorAll('button')]
const token = document.querySelector('meta[name="demo-token"]')?.getAttribute('content') ?? ''
const sides = ['ours', 'plain'].map(id => openSide(byId(id)))

/** @type {Sample[]} */
let samples = []

/** @param {HTMLElement} section */
function openSide(section) {
  const template = /** @type {HTMLTemplateElement} */ (byId('side'))
  section.append(template.content.cloneNode(true))
  /** @param {string} name */
  const find = name => /** @type {HTMLElement} */ (section.querySelector(name))
  return {
    find,
    /** @type {(name: string, text: string) => void} */
    write(name, text) {
      find(name).textContent = text
    },
    queries: new Chart(find('.queries-chart'), 100),
    failures: new Chart(find('.failures-chart'), 20),
  }
}

/**
 * A version, in its colour.
 *
 * @param {string} version
 * @param {...(string | Node)} content
 */
function inColour(version, ...content) {
  const element = document.createElement('span')
  element.className = `version colour-${Number(version.slice(1)) % coloursOfVersions}`
  element.append(...content)
  return element
}

/** @param {[version: string, count: number]} of */
function connectionsOf([version, count]) {
  const squares = document.createElement('span')
  squares.className = 'squares'
  squares.setAttribute('aria-hidden', 'true')
  squares.append(...Array.from({ length: count }, () => document.createElement('i')))
  return inColour(version, `${version} × ${count} `, squares)
}

/** @param {[version: string, labels: readonly string[]]} of */
function versionWith([version, labels]) {
  const item = document.createElement('li')
  item.append(inColour(version, version), ` ${labels.join(', ')}`)
  return item
}

/** @param {State['rotation']} rotation */
function describe(rotation) {
  if (rotation === null) return 'No rotation is running.'
  if (rotation.inWindow) return 'The window is open: the database has the new password, AWSCURRENT is still the old one.'
  return 'A rotation is running.'
}

/**
 * Changes text only where it differs, for the sake of selections and screen readers.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
function rewrite(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** @param {State} state */
function show(state) {
  samples = [...samples, state.sample].slice(-samplesShown)
  drawCharts()
  for (const [n, side] of sides.entries()) {
    const { name = '', queries = 0, failures = 0, errors = [], connections = [] } = state.sides[n] ?? {}
    side.write('h2', name)
    side.write('.queries-per-second', grouped(state.sample.rates[n]?.queries ?? 0))
    side.write('.failures-per-second', grouped(state.sample.rates[n]?.failures ?? 0))
    side.write('.queries', grouped(queries))
    side.write('.failures', grouped(failures))
    side.find('.failures').classList.toggle('bad', failures > 0)
    side.write('.errors', errors.map(([code, count]) => `${grouped(count)} × ${code}`).join(', ') || 'none')
    side.find('.connections').replaceChildren(...(connections.length > 0 ? connections.map(connectionsOf) : ['none']))
  }
  byId('versions').replaceChildren(...state.versions.map(versionWith))
  rewrite(byId('window'), describe(state.rotation))
  byId('window').classList.toggle('open', state.rotation?.inWindow === true)
  for (const button of buttons) {
    if (button.hasAttribute('aria-pressed')) {
      button.setAttribute('aria-pressed', String(state.troubles.some(trouble => trouble === button.id)))
    }
  }
}

function drawCharts() {
  for (const [n, side] of sides.entries()) {
    /** @param {'queries' | 'failures'} what */
    const points = what => samples.map(({ rates, inWindow }) => ({ value: rates[n]?.[what] ?? 0, inWindow }))
    side.queries.draw(points('queries'))
    side.failures.draw(points('failures'))
  }
}

/** @param {string[]} lines */
function tell(...lines) {
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  for (const line of lines) {
    const item = document.createElement('li')
    item.textContent = line
    log.append(item)
  }
  while (log.children.length > eventsShown) log.firstChild?.remove()
  // Who has scrolled back is reading.
  if (wasAtEnd) log.scrollTop = log.scrollHeight
}

/** @param {string} button */
async function press(button) {
  try {
    const answer = await fetch(`press/${button}`, { method: 'POST', headers: { 'X-Demo-Token': token } })
    rewrite(status, answer.ok ? 'Live.' : await answer.text())
  } catch {
    rewrite(status, 'The demo does not answer. Is it still running?')
  }
}

for (const button of buttons) button.addEventListener('click', () => press(button.id))

const events = new EventSource('events')
/** @type {(type: string, listener: (data: any) => void) => void} */
const on = (type, listener) => events.addEventListener(type, event => listener(JSON.parse(event.data)))

on('history', history => {
  samples = history.samples
  drawCharts()
  log.replaceChildren()
  tell(...history.log)
  rewrite(status, 'Live.')
})
on('state', show)
on('log', tell)
on('end', text => {
  events.close()
  rewrite(status, text)
  for (const button of buttons) button.disabled = true
})
events.addEventListener('error', () => rewrite(status, 'The demo does not answer. Is it still running?'))
