import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path/posix'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { readPage, readPages } from '../package/readme.js'
import { launchBrowser } from '../support/browser.js'
import { type Visit, visitAll, windows } from './visit.js'

const siteFolder = inject('siteFolder')
const siteUrl = inject('siteUrl')

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
})

/** A context whose pages keep what they complain about and which addresses they ask. */
async function openContext(): Promise<{ context: BrowserContext; complaints: string[]; requests: Set<string> }> {
  const context = await browser.newContext()
  const complaints: string[] = []
  const requests = new Set<string>()
  context.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  context.on('weberror', error => complaints.push(error.error().message))
  context.on('request', request => requests.add(request.url()))
  context.on('requestfailed', request => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  context.on('response', response => {
    if (!response.ok()) complaints.push(`${response.url()}: ${response.status()}`)
  })
  return { context, complaints, requests }
}

async function openPage(path: string, window: keyof typeof windows = 'desktop'): Promise<Page> {
  const page = await browser.newPage({ viewport: windows[window] })
  onTestFinished(() => page.close())
  await page.goto(siteUrl + path)
  return page
}

describe('the whole site', () => {
  let visits: Visit[]
  let complaints: string[]
  let requests: Set<string>

  beforeAll(async () => {
    const opened = await openContext()
    ;({ complaints, requests } = opened)
    visits = await visitAll(opened.context, siteUrl)
    await opened.context.close()
  })

  it('has every page of the documentation, every module, and no page to which no link leads', () => {
    const files = readdirSync(siteFolder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.html'))
    const visited = visits.map(({ path }) => path.slice(1))
    expect(visited.sort()).toEqual(files.sort())
    // GitHub Pages would leave them out.
    expect(files.filter(file => file.split('/').some(part => part.startsWith('.')))).toEqual([])
    const pages = [...readPages().map(({ file }) => file), 'CHANGELOG.md'].filter(file => file !== 'README.md')
    expect(visited).toEqual(expect.arrayContaining(pages.map(file => file.replace(/md$/, 'html'))))
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object }
    const modules = Object.keys(exports).filter(path => path !== './package.json')
    expect(visited.filter(path => path.startsWith('modules/'))).toEqual(
      modules.map(path => `modules/awscurrent${path.slice(1).replace('/', '_')}.html`).sort(),
    )
  })

  it('has no link that leads nowhere', () => {
    const idsOf = new Map(visits.map(({ path, ids }) => [path, ids]))
    const leadsNowhere = (link: string): boolean => {
      const [path = '', fragment = ''] = link.split('#')
      return !existsSync(join(siteFolder, path)) || (fragment !== '' && !idsOf.get(path)?.has(fragment))
    }
    const broken = visits.flatMap(({ path, links }) => links.filter(leadsNowhere).map(link => `${path} → ${link}`))
    expect(broken).toEqual([])
    expect(visits.flatMap(({ links }) => links).filter(link => link.includes('#')).length).toBeGreaterThan(1000)
  })

  it('shows the charts', () => {
    const shown = (page: string): string[] => {
      const { images = [] } = visits.find(({ path }) => path === page) ?? {}
      expect(images.filter(({ isShown }) => !isShown)).toEqual([])
      return images.map(({ path }) => basename(path))
    }
    for (const file of ['README.md', 'docs/benchmarks.md', 'docs/operating.md', 'docs/demo.md']) {
      const charts = [...readPage(file).matchAll(/!\[[^\]]*\]\((.+?)\)/g)].map(([, link]) => basename(link!))
      expect(shown(file === 'README.md' ? '/index.html' : `/${file.replace(/md$/, 'html')}`)).toEqual(charts)
    }
    expect(shown('/bench/results.html')).toEqual(readdirSync('bench/results').filter(file => file.endsWith('.svg')))
  })

  it('fits into the window of a desktop and of a phone', () => {
    expect(visits.filter(({ tooWideFor }) => tooWideFor.length > 0).map(({ path, tooWideFor }) => [path, tooWideFor])).toEqual([])
  })

  it('makes the browser complain of nothing, and asks no other host', () => {
    const elsewhere = [...requests].filter(url => !url.startsWith(`${siteUrl}/`))
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] })
    expect(requests.size).toBeGreaterThan(visits.length)
  })
})

describe('a page', () => {
  it('is found in the navigation under its group', async () => {
    const page = await openPage('/docs/pools.html')
    const navigation = page.locator('#tsd-nav-container > li')
    const [before = '', after = ''] = (await navigation.allInnerTexts()).join('\n').split('\nPools that follow a secret\n')
    const groups = [...readPage('docs/README.md').matchAll(/^\*\*(.+)\*\*$/gm)].map(([, title]) => title!)
    expect(groups.length).toBeGreaterThan(3)
    const titles = await navigation.locator('> span').allInnerTexts()
    expect(titles).toEqual([...groups, 'API reference'])
    expect(
      before
        .split('\n')
        .filter(text => groups.includes(text))
        .at(-1),
    ).toBe('Rotate without downtime')
    expect(
      after
        .split('\n')
        .filter(text => groups.includes(text))
        .at(0),
    ).toBe('Run')
  })

  it.each([
    ['/docs/architecture.html', '─▶ core'],
    ['/docs/freshness.html', '▶ stale'],
  ])('%s shows its drawing, with its lines as they are', async (path, part) => {
    const page = await openPage(path, 'phone')
    const drawing = page.locator('pre > code', { hasText: part })
    expect(await drawing.isVisible()).toBe(true)
    const style = (name: string): Promise<string> =>
      drawing.evaluate((code, property) => code.computedStyleMap().get(property).toString(), name)
    expect(await style('font-family')).toContain('monospace')
    const lines = ((await drawing.textContent()) ?? '').trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(2)
    const { height } = (await drawing.boundingBox())!
    expect(Math.round(height / Number.parseFloat(await style('line-height')))).toBe(lines.length)
  })

  it.each(['pre', 'table'])('scrolls a %s that is too wide for a phone by itself', async element => {
    const page = await openPage('/index.html', 'phone')
    const scrolled: number[] = await page.locator(`.col-content ${element}`).evaluateAll(found =>
      found.map(box => {
        box.scrollLeft = 50
        return box.scrollLeft
      }),
    )
    expect(scrolled).toContain(50)
  })
})

describe.each(['desktop', 'phone'] as const)('on a %s', window => {
  it.each([
    ['refreshNow', 'SecretCache.refreshNow', /classes\/awscurrent\.SecretCache\.html#refreshnow$/],
    ['freshness', 'How freshness works', /docs\/freshness\.html$/],
    ['pgbouncer', 'Pools that follow a secret', /docs\/pools\.html$/],
  ])('the search for %s finds %s', async (words, title, address) => {
    const page = await openPage('/index.html', window)
    await page.locator('#tsd-search-trigger').click()
    await page.locator('#tsd-search-input').pressSequentially(words)
    await page.locator('#tsd-search-results a', { hasText: title }).first().click()
    await page.waitForURL(address)
  })
})

it('the navigation opens on a phone', async () => {
  const page = await openPage('/index.html', 'phone')
  const link = page.locator('#tsd-nav-container a', { hasText: 'How freshness works' })
  expect(await link.isVisible()).toBe(false)
  await page.locator('#tsd-toolbar-menu-trigger').click()
  await link.click()
  await page.waitForURL(/docs\/freshness\.html$/)
})
