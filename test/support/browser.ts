import { type Browser, chromium } from 'playwright-core'
import { findProgram } from './server-process.js'

/** Starts the Chromium of this machine, without a window. */
export function launchBrowser(): Promise<Browser> {
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: findProgram('chromium', 'chromium'), args })
}
