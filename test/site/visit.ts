import type { BrowserContext, Page } from 'playwright-core'

/** The sizes of window that the site is looked at in. */
export const windows = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
} as const

/** What a browser finds on a page of the site. Paths are those of the site, such as `/docs/pools.html`. */
export interface Visit {
  path: string
  /** Where its links lead within the site, with their fragments. */
  links: string[]
  /** What a fragment can name in it. */
  ids: Set<string>
  images: { path: string; isShown: boolean }[]
  /** The windows in which all of it can only be seen by scrolling sideways. */
  tooWideFor: string[]
}

/** Follows all links to pages, from the front page on. */
export async function visitAll(context: BrowserContext, siteUrl: string): Promise<Visit[]> {
  // Reading the index of the search takes a browser as long as all the rest of a page.
  await context.addInitScript("Object.defineProperty(window, 'searchData', { set() {} })")
  const visits = new Map<string, Visit>()
  const pages = await Promise.all([context.newPage(), context.newPage()])
  for (let open = ['/index.html']; open.length > 0; open = unvisited(visits)) {
    const visitOpen = async (page: Page): Promise<void> => {
      for (let path = open.pop(); path !== undefined; path = open.pop()) visits.set(path, await visit(page, siteUrl, path))
    }
    await Promise.all(pages.map(visitOpen))
  }
  return [...visits.values()]
}

function unvisited(visits: ReadonlyMap<string, Visit>): string[] {
  const linked = [...visits.values()].flatMap(({ links }) => links.map(link => link.split('#')[0]!))
  return [...new Set(linked)].filter(path => path.endsWith('.html') && !visits.has(path))
}

async function visit(page: Page, siteUrl: string, path: string): Promise<Visit> {
  await page.setViewportSize(windows.desktop)
  await page.goto(siteUrl + path)
  const found: Found = await page.locator('html').evaluate(html => ({
    hrefs: Array.from(html.querySelectorAll('a[href]'), (link: { href: string }) => link.href),
    ids: Array.from(html.querySelectorAll('[id]'), (element: { id: string }) => element.id),
    images: Array.from(html.querySelectorAll('img'), ({ src, naturalWidth }: { src: string; naturalWidth: number }) => ({
      src,
      isShown: naturalWidth > 0,
    })),
  }))
  const tooWideFor: string[] = []
  for (const [name, size] of Object.entries(windows)) {
    await page.setViewportSize(size)
    const width: number = await page.locator('html').evaluate(html => html.scrollWidth)
    if (width > size.width) tooWideFor.push(name)
  }
  const inSite = found.hrefs.filter(href => href.startsWith(siteUrl)).map(href => new URL(href))
  return {
    path,
    links: inSite.map(({ pathname, hash }) => decodeURIComponent((pathname === '/' ? '/index.html' : pathname) + hash)),
    ids: new Set(found.ids),
    images: found.images.map(({ src, isShown }) => ({ path: new URL(src).pathname, isShown })),
    tooWideFor,
  }
}

interface Found {
  hrefs: string[]
  ids: string[]
  images: { src: string; isShown: boolean }[]
}
