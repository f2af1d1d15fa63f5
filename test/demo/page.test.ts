import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { launchBrowser } from '../support/browser.js'
import type { StartedProcess } from '../support/started-process.js'
import { DemoPage, pageOf, patience, startDemo, textOf } from './demo-page.js'

let browser: Browser
let demo: StartedProcess
let url: string

beforeAll(async () => {
  // A window that is longer than connections live: some log in during each.
  demo = startDemo('--seconds', '10', '--window', '4')
  ;[browser, url] = await Promise.all([launchBrowser(), pageOf(demo)])
  // The demo goes on while somebody watches, and rotates by its buttons alone.
  await (await browser.newPage()).goto(url)
})

afterAll(async () => {
  demo.child.kill('SIGINT')
  await Promise.all([demo.ended, browser.close()])
})

async function openPage(options: BrowserContextOptions = {}): Promise<DemoPage> {
  const page = await browser.newPage(options)
  const complaints: string[] = []
  page.on('console', message => {
    // The browser reports a button that makes no sense now.
    if (message.type() === 'error' && !message.text().includes('409')) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(error.message))
  onTestFinished(async () => {
    for (const trouble of await page.locator('button[aria-pressed=true]').all()) await trouble.click()
    await page.close()
    expect(complaints).toEqual([])
  })
  return DemoPage.open(page, url)
}

/** Keeps a picture for the documentation: DEMO_IMAGES=docs/images npm run test:site */
async function photograph({ page }: DemoPage, name: string): Promise<void> {
  const folder = process.env.DEMO_IMAGES
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const { y = 0, height = 0 } = (await page.locator('.sides').boundingBox()) ?? {}
  await page.screenshot({ path: `${folder}/${name}.png`, clip: { x: 0, y: 0, width: 900, height: y + height + 16 } })
}

describe('a rotation', () => {
  it('of one user fails queries of the pool over a cache, and none of ours', async () => {
    const demoPage = await openPage({ viewport: { width: 900, height: 900 } })
    const [before, ours, plain] = [await demoPage.current(), await demoPage.figures('ours'), await demoPage.figures('plain')]
    await demoPage.press('rotate-one-user')
    await demoPage.until('#window', /^The window is open: the database has the new password, AWSCURRENT is still the old one\.$/)
    expect(await demoPage.current()).toBe(before)
    await expect.poll(() => demoPage.figures('plain').then(({ failures }) => failures), patience).toBeGreaterThan(plain.failures)
    await demoPage.untilMoved(before)
    const after = await demoPage.current()
    expect(await demoPage.log()).toContainEqual(`awscurrent logs in with ${after} as app, which is still AWSPENDING`)
    expect((await demoPage.figures('plain')).errors).toContain('28P01')
    await demoPage.until('#plain .connections', /^none$/)
    expect(await demoPage.figures('ours')).toMatchObject({ failures: ours.failures, errors: ours.errors })
    await expect
      .poll(() => demoPage.log(), patience)
      .toContainEqual('AWSCURRENT has moved; SNS told the webhook, which answered 200')
    await demoPage.until('#plain .connections', new RegExp(`^${after} × `))
    await photograph(demoPage, 'demo-rotation')
  })

  it('of two users, by keyboard alone, moves both user and password', async () => {
    const demoPage = await openPage()
    const { page } = demoPage
    const [before, ours] = [await demoPage.current(), await demoPage.figures('ours')]
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus-visible')
    expect(await textOf(focused)).toBe('Rotate: two users')
    expect(await focused.evaluate(button => button.computedStyleMap().get('outline-style')?.toString())).toBe('solid')
    await page.keyboard.press('Enter')
    await demoPage.untilMoved(before)
    expect(await demoPage.log()).toContainEqual(`awscurrent logs in with ${await demoPage.current()} as app_clone`)
    expect((await demoPage.figures('ours')).failures).toBe(ours.failures)
  })

  it('goes on when the page is loaded again in the middle, and the page has missed nothing', async () => {
    const demoPage = await openPage()
    const [before, ours] = [await demoPage.current(), await demoPage.figures('ours')]
    await demoPage.press('rotate-one-user')
    await demoPage.until('#window', /^The window is open/)
    const log = await demoPage.log()
    await demoPage.page.reload()
    await demoPage.untilMoved(before)
    expect((await demoPage.log()).slice(0, log.length)).toEqual(log)
    const points = await demoPage.page.locator('#ours .queries-chart polyline').getAttribute('points')
    expect(points?.split(' ').length).toBeGreaterThan(10)
    expect((await demoPage.figures('ours')).failures).toBe(ours.failures)
  })

  it('is started by one press at a time', async () => {
    const demoPage = await openPage()
    const before = await demoPage.current()
    await demoPage.press('rotate-two-users')
    await demoPage.until('#window', /^(A rotation is running|The window is open)/)
    await demoPage.press('rotate-one-user')
    await demoPage.until('#status', /^A rotation is running: wait until AWSCURRENT has moved\.$/)
    await demoPage.untilMoved(before)
    const number = (version: string): number => Number(version.slice(1))
    expect(number(await demoPage.current())).toBe(number(before) + 1)
  })

  it.each([
    ['rotate-one-user', 'the event is lost'],
    ['rotate-two-users', 'the event is lost and the login still works'],
  ])('is found out about without an event: %s, where %s', async button => {
    const demoPage = await openPage()
    const [before, ours] = [await demoPage.current(), await demoPage.figures('ours')]
    await demoPage.turn('lostEvents', true)
    await demoPage.press(button)
    await demoPage.untilMoved(before)
    expect(await demoPage.log()).toContainEqual('AWSCURRENT has moved; the event is lost')
    await demoPage.turn('lostEvents', false)
    expect((await demoPage.figures('ours')).failures).toBe(ours.failures)
  })

  it('fails no query of ours where AWSPENDING may not be read: they wait for AWSCURRENT', async () => {
    const demoPage = await openPage()
    const [before, ours] = [await demoPage.current(), await demoPage.figures('ours')]
    await demoPage.turn('deniedPending', true)
    const earlier = (await demoPage.log()).length
    await demoPage.press('rotate-one-user')
    await demoPage.untilMoved(before)
    const told = (await demoPage.log()).slice(earlier)
    expect(told.filter(line => line.includes('still AWSPENDING'))).toEqual([])
    expect(told).toContainEqual(`the database rejects ${before}; awscurrent waits for a version that works`)
    await demoPage.turn('deniedPending', false)
    expect((await demoPage.figures('ours')).failures).toBe(ours.failures)
  })
})

describe('Secrets Manager', () => {
  it.each([
    ['down', 'outage', 'ServiceUnavailableException', 'Secrets Manager is back'],
    ['throttled', 'throttling', 'ThrottlingException', 'Secrets Manager no longer throttles'],
  ])('while it is %s, stops the pool over a cache, and not ours', async (_, button, error, end) => {
    const demoPage = await openPage({ viewport: { width: 900, height: 900 } })
    const [before, ours, plain] = [await demoPage.current(), await demoPage.figures('ours'), await demoPage.figures('plain')]
    await demoPage.turn(button, true)
    await demoPage.until('#plain .errors', new RegExp(`× ${error}`))
    await demoPage.until('#plain .connections', /^none$/)
    await demoPage.untilQueries('ours')
    if (button === 'outage') await photograph(demoPage, 'demo-outage')
    await demoPage.press('rotate-one-user')
    await demoPage.until('#status', /^Secrets Manager starts no rotation while it is down or throttled\.$/)
    expect((await demoPage.figures('plain')).failures).toBeGreaterThan(plain.failures)
    expect((await demoPage.figures('ours')).failures).toBe(ours.failures)
    await demoPage.turn(button, false)
    expect(await demoPage.log()).toContainEqual(end)
    await demoPage.untilQueries('plain')
    expect(await demoPage.current()).toBe(before)
  })
})

describe('connections that the database cuts', () => {
  it('are replaced on both sides', async () => {
    const demoPage = await openPage()
    const ended = async (): Promise<string[]> =>
      (await demoPage.log()).filter(line => /^the database has ended [1-9]\d* connections$/.test(line))
    expect(await ended()).toEqual([])
    await demoPage.press('cut')
    await expect.poll(ended, patience).toHaveLength(1)
    for (const side of ['ours', 'plain'] as const) {
      await demoPage.untilQueries(side)
      await demoPage.until(`#${side} .connections`, / × \d/)
    }
  })
})

describe('the page', () => {
  it('fits into 360 pixels', async () => {
    const { page } = await openPage({ viewport: { width: 360, height: 740 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    for (const button of await page.getByRole('button').all()) {
      const { x = 0, width = 0, height = 0 } = (await button.boundingBox()) ?? {}
      expect(x + width).toBeLessThanOrEqual(360)
      expect(height).toBeGreaterThanOrEqual(44)
    }
  })

  it.each([
    ['light', 'rgb(246, 248, 250)'],
    ['dark', 'rgb(16, 22, 29)'],
  ] as const)('is %s where the system is', async (colorScheme, background) => {
    const { page } = await openPage({ colorScheme })
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(background)
  })

  it('names what a screen reader has to name', async () => {
    const { page } = await openPage()
    expect(await page.getByRole('button').allTextContents()).toHaveLength(7)
    expect(await page.locator('button[aria-pressed=false]').allTextContents()).toHaveLength(4)
    expect(await page.getByRole('log', { name: 'Events' }).isVisible()).toBe(true)
    expect(await page.getByRole('status').allTextContents()).toEqual(['Live.'])
    expect(await page.getByRole('img', { name: /in the last minute$/ }).count()).toBe(4)
    expect(await page.getByRole('region', { name: 'awscurrent/pg' }).isVisible()).toBe(true)
  })
})
