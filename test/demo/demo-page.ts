import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { type StartedProcess, startProcess } from '../support/started-process.js'

/** Starts the demo as `npm run demo` does. */
export function startDemo(...args: string[]): StartedProcess {
  return startProcess(process.execPath, ['--import', 'tsx', 'examples/demo/index.ts', ...args], { env: { ...process.env } })
}

/** The address of the live page, once it is there. */
export async function pageOf(demo: StartedProcess): Promise<string> {
  await demo.said('Live page: ')
  const [, url = ''] = /Live page: (\S+)\s/.exec(await demo.said('/\n')) ?? []
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  return url
}

/** The text of an element, without the space around it. */
export async function textOf(element: Locator): Promise<string> {
  return ((await element.textContent()) ?? '').trim()
}

/** What the page says of one side. */
interface Figures {
  queries: number
  failures: number
  errors: string
  connections: string
}

/** How long something on the page may take: as long as the TTL of the other pool's cache, and some. */
export const patience = { timeout: 45_000, interval: 100 }

/** The page in a browser, as somebody sees it who presses its buttons. */
export class DemoPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  static async open(page: Page, url: string): Promise<DemoPage> {
    const opened = new DemoPage(page)
    await page.goto(url)
    await opened.until('#status', /^Live\.$/)
    await expect.poll(() => opened.figures('ours').then(({ queries }) => queries), patience).toBeGreaterThan(0)
    return opened
  }

  async figures(side: 'ours' | 'plain'): Promise<Figures> {
    const read = (name: string): Promise<string> => textOf(this.page.locator(`#${side} .${name}`))
    const [queries, failures, errors, connections] = await Promise.all(['queries', 'failures', 'errors', 'connections'].map(read))
    const count = (grouped = ''): number => Number(grouped.replaceAll(',', ''))
    return { queries: count(queries), failures: count(failures), errors: errors ?? '', connections: connections ?? '' }
  }

  /** Waits until an element says something. */
  async until(selector: string, says: RegExp): Promise<void> {
    await expect.poll(() => textOf(this.page.locator(selector)), patience).toMatch(says)
  }

  /** Waits until a side has made more queries than now. */
  async untilQueries(side: 'ours' | 'plain'): Promise<void> {
    const { queries } = await this.figures(side)
    await expect.poll(() => this.figures(side).then(now => now.queries), patience).toBeGreaterThan(queries)
  }

  async press(id: string): Promise<void> {
    await this.page.locator(`#${id}`).click()
  }

  /** Turns a trouble on or off, and waits until the button shows it. */
  async turn(id: string, on: boolean): Promise<void> {
    await this.press(id)
    await expect.poll(() => this.page.locator(`#${id}`).getAttribute('aria-pressed'), patience).toBe(String(on))
  }

  /** The version to which AWSCURRENT is attached, such as v3. */
  async current(): Promise<string> {
    const [version = ''] = (await textOf(this.page.locator('#versions li', { hasText: 'AWSCURRENT' }))).split(' ')
    return version
  }

  /** Waits until all of our connections are of the version to which AWSCURRENT has moved, which was another one. */
  async untilMoved(before: string): Promise<void> {
    await expect.poll(() => this.current(), patience).not.toBe(before)
    await this.until('#ours .connections', new RegExp(`^${await this.current()} × \\d+$`))
    await this.until('#window', /^No rotation is running\.$/)
  }

  /** What has been logged, without the times. */
  async log(): Promise<string[]> {
    return (await this.page.locator('#log li').allTextContents()).map(line => line.replace(/^ *[\d.]+ s {2}/, ''))
  }
}

/** What the server answers to a request that no browser would send for this page. */
export async function ask(
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number | undefined; answer: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, response => {
      text(response).then(answer => resolve({ status: response.statusCode, answer }), reject)
    })
    asked.once('error', reject)
    asked.end()
  })
}
