import { readFileSync } from 'node:fs'
import options from './tsup.config.js'

interface Manifest {
  dependencies: Record<string, string>
}

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Partial<Manifest>> }

/** The packages, and all that these need. */
function withTheirNeeds(names: readonly string[]): string[] {
  const all = new Set(names)
  // A set hands out what is added to it in a loop over it, too.
  for (const name of all) for (const needed of Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {})) all.add(needed)
  return [...all]
}

/** The packages that dist holds in compiled form, which no user's own tools can see. */
export const bundled: readonly string[] = withTheirNeeds((options.noExternal ?? []).map(String))

/** The packages that users get with this one. */
export const shipped: readonly string[] = [...new Set([...withTheirNeeds(Object.keys(dependencies)), ...bundled])]
